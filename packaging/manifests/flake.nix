# Nix flake: `nix run` of the folder that has it.
{
  description = "{description}";
  inputs.nixpkgs.url = "nixpkgs";
  outputs =
    { self, nixpkgs }:
    let
      archives = {
        x86_64-linux = {
          url = "{url:x86_64-unknown-linux-musl}";
          sha256 = "{sha256:x86_64-unknown-linux-musl}";
        };
        aarch64-linux = {
          url = "{url:aarch64-unknown-linux-musl}";
          sha256 = "{sha256:aarch64-unknown-linux-musl}";
        };
      };
      package =
        system: archive:
        let
          pkgs = nixpkgs.legacyPackages.${system};
        in
        {
          default = pkgs.stdenv.mkDerivation {
            pname = "wsbench";
            version = "{version}";
            src = pkgs.fetchurl archive;
            nativeBuildInputs = [ pkgs.installShellFiles ];
            installPhase = ''
              install -Dm755 wsbench $out/bin/wsbench
              installManPage man/*.1
              installShellCompletion completions/wsbench.{bash,fish} --zsh completions/_wsbench
            '';
            meta = {
              description = "{description}";
              homepage = "{repository}";
              license = with pkgs.lib.licenses; [ mit asl20 ];
              mainProgram = "wsbench";
            };
          };
        };
    in
    {
      packages = builtins.mapAttrs package archives;
    };
}
