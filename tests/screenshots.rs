//! Takes pictures of the page in each of its states, in both themes and at three widths:
//! `cargo run -p tests --bin screenshots -- FOLDER`.

use std::{fs, path::PathBuf};

use harness::{Browser, Page, Server};
use server::Limits;

const WIDTHS: [(u32, u32); 3] = [(360, 640), (800, 600), (1280, 720)];
const THEMES: [&str; 2] = ["light", "dark"];

#[tokio::main]
async fn main() {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let camera = Camera { folder };

    let server = Server::start().await;
    let browser = Browser::start().await;
    let page = browser.open(&server.http()).await;
    page.is("open").await;
    camera.take(&page, "empty").await;

    page.presses_enter().await;
    page.says("The box is empty.").await;
    camera.take(&page, "empty-message").await;

    for text in
        ["hi", "¡Hola!", r#"{"user": 42, "action": "subscribe", "channels": ["news", "prices"]}"#]
    {
        page.types(text).await;
        page.presses_enter().await;
        page.sees("received", &format!("Echo: {text}")).await;
    }
    page.types("a draft").await;
    camera.take(&page, "open").await;

    page.clicks_connect().await;
    page.is("closed").await;
    camera.take(&page, "closed").await;

    page.clicks_connect().await;
    page.is("open").await;
    let authority = server.stop().await;
    page.says("Is the server running?").await;
    page.is("waiting").await;
    camera.take(&page, "waiting").await;

    page.stops_retrying().await;
    page.is("failed").await;
    camera.take(&page, "failed").await;

    let _server = Server::start_at(&authority, Limits::DEFAULT).await;
    page.clicks_connect().await;
    page.is("open").await;
    let long = "a-long-word-without-a-place-to-break-it-".repeat(80);
    page.fills(&long).await;
    page.clicks_send().await;
    page.says("more bytes").await;
    camera.take(&page, "long").await;
    browser.close().await;
}

struct Camera {
    folder: PathBuf,
}

impl Camera {
    async fn take(&self, page: &Page, state: &str) {
        for (width, height) in WIDTHS {
            page.resize(width, height).await;
            for theme in THEMES {
                page.run(&format!("document.documentElement.style.colorScheme = '{theme}'")).await;
                let file = self.folder.join(format!("{state}-{width}-{theme}.png"));
                fs::write(file, page.screenshot().await).expect("the picture can be written");
            }
        }
    }
}
