//! Builds the server anew when the page that a release binary carries has changed.
//!
//! Debug builds read `dist/` while they run and need no new build.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo::rerun-if-changed=../dist");
    }
}
