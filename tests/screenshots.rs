//! Screenshots of the page in each of its states, in both themes and at six sizes:
//! `cargo run -p tests --bin screenshots -- FOLDER`. With `--readme` instead, only those of README.md,
//! into `docs`, as `cargo xtask document` does.

use std::{
    fs,
    path::{Path, PathBuf},
};

use harness::{Browser, Page, connected, states::Part};

const WIDTHS: [(u32, u32); 6] =
    [(360, 640), (620, 800), (768, 1024), (1280, 620), (1280, 800), (1920, 1080)];
const THEMES: [&str; 2] = ["light", "dark"];

/// Screenshots of README.md: state, width, height, theme.
const README: [(&str, u32, u32, &str); 3] =
    [("detail", 1120, 560, "light"), ("flood", 1120, 560, "dark"), ("open", 360, 560, "dark")];

#[tokio::main]
async fn main() {
    let camera = match std::env::args_os().nth(1) {
        Some(flag) if flag == "--readme" => Camera {
            folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs"),
            is_for_readme: true,
        },
        folder => Camera { folder: folder.unwrap_or_default().into(), is_for_readme: false },
    };
    // The current folder has no name.
    if camera.folder != Path::new("") {
        fs::create_dir_all(&camera.folder).expect("the folder can be made");
    }
    for part in Part::ALL {
        let (server, browser, page) = connected().await;
        let visit = async |state: &str| camera.take(&browser, &page, state).await;
        part.walk(server, &browser, &page, visit).await;
    }
}

struct Camera {
    folder: PathBuf,
    is_for_readme: bool,
}

impl Camera {
    /// Takes the requested screenshots of a state.
    async fn take(&self, browser: &Browser, page: &Page, state: &str) {
        if self.is_for_readme {
            for (_, width, height, theme) in README.iter().filter(|(name, ..)| *name == state) {
                let name = format!("page-{state}.png");
                self.shoot(browser, page, (*width, *height), theme, &name).await;
            }
        } else {
            for (size, theme) in WIDTHS.iter().flat_map(|size| THEMES.map(|theme| (*size, theme))) {
                let name = format!("{state}-{}x{}-{theme}.png", size.0, size.1);
                self.shoot(browser, page, size, theme, &name).await;
            }
        }
        browser.sets_viewport(1280, 800).await;
    }

    async fn shoot(
        &self,
        browser: &Browser,
        page: &Page,
        (width, height): (u32, u32),
        theme: &str,
        name: &str,
    ) {
        browser.sets_viewport(width, height).await;
        page.sets_theme(theme).await;
        let picture = page.screenshot().await;
        fs::write(self.folder.join(name), picture).expect("the picture can be written");
    }
}
