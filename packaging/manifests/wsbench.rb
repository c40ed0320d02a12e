# Homebrew formula.
class Wsbench < Formula
  desc "{description}"
  homepage "{repository}"
  version "{version}"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on :linux

  on_linux do
    on_intel do
      url "{url:x86_64-unknown-linux-musl}"
      sha256 "{sha256:x86_64-unknown-linux-musl}"
    end
    on_arm do
      url "{url:aarch64-unknown-linux-musl}"
      sha256 "{sha256:aarch64-unknown-linux-musl}"
    end
  end

  def install
    bin.install "wsbench"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/wsbench.bash" => "wsbench"
    zsh_completion.install "completions/_wsbench"
    fish_completion.install "completions/wsbench.fish"
  end

  service do
    run [opt_bin/"wsbench", "server"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/wsbench -V")
  end
end
