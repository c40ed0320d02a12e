//! Builds the server anew when the page that a release binary carries has changed.
//!
//! Debug builds read `dist/` while they run and need no new build; but the folder must be there when
//! they are compiled, or rust-embed does not find it later either.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo::rerun-if-changed=../dist");
    }
    if let Err(error) = std::fs::create_dir_all("../dist") {
        println!("cargo::warning=cannot make dist/, the server will have no page: {error}");
    }
}
