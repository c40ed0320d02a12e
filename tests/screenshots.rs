//! Screenshots of the page in each of its states, in both themes and at six sizes:
//! `cargo run -p tests --bin screenshots -- FOLDER`. With `--readme` instead, only those of README.md,
//! into `docs`, as `cargo xtask document` does.

use std::{
    fs,
    path::{Path, PathBuf},
};

use harness::{Authority, Browser, Page, Server, connected};
use serde_json::json;

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
    let (server, browser, page) = connected().await;
    let studio = Studio { camera, browser, page };
    studio.conversation().await;
    studio.what_opens().await;
    studio.relay(&server).await;
    studio.other_peers(&server).await;
    studio.trouble(server).await;
    studio.browser.close().await;
}

struct Studio {
    camera: Camera,
    browser: Browser,
    page: Page,
}

impl Studio {
    async fn conversation(&self) {
        let page = &self.page;
        self.take("empty").await;
        page.presses_enter().await;
        page.says("The message is empty.").await;
        self.take("empty-message").await;
        let order = json!({ "order": 1842, "items": ["tea", "cup"], "paid": true }).to_string();
        for text in ["hi", "¡Hola!", "another", &order] {
            self.sends(text).await;
        }
        page.types("a draft").await;
        self.take("open").await;
        page.run("[...document.querySelectorAll('.entry[data-direction=sent]')].at(-1).click()")
            .await;
        page.says("Edit as new message").await;
        self.take("detail").await;
        page.run("document.querySelectorAll('.detail-actions button')[1].click()").await;
        page.run(
            "[...document.querySelectorAll('.entry[data-direction=received]')].at(-2).click()",
        )
        .await;
        page.says("differ").await;
        self.take("compare").await;
        page.clicks(".detail-header .close").await;
        page.enters(".find input", "h").await;
        page.comes_true("return document.querySelector('.entry mark') !== null").await;
        self.take("filtered").await;
        page.run("document.querySelectorAll('.find .choices button')[1].click()").await;
        page.run("document.querySelector('.find .next').click()").await;
        page.comes_true("return document.querySelector('.entry[aria-current] mark') !== null")
            .await;
        self.take("marked").await;
        page.run("document.querySelectorAll('.find .choices button')[0].click()").await;
        page.enters(".find input", " \u{e003}").await;
        self.sends(&"a-long-word-without-a-place-to-break-it-".repeat(80)).await;
        self.take("long").await;
    }

    async fn what_opens(&self) {
        let page = &self.page;
        page.clicks(".opener").await;
        page.comes_true("return document.querySelector('.suggestion') !== null").await;
        self.take("presets").await;
        page.presses("\u{e00c}").await;
        page.clicks("button.unfold").await;
        self.take("options").await;
        page.clicks("button.unfold").await;
        page.clicks(".more summary").await;
        self.take("more").await;
        page.clicks(".more summary").await;
        page.clicks(".unfold-measure").await;
        page.comes_true("return document.querySelector('.dock .plot') !== null").await;
        self.take("dock").await;
        page.clicks(".dock .close").await;
        for (button, panel) in ["variables", "saved", "repeat"].into_iter().enumerate() {
            page.run(&format!("document.querySelectorAll('.fold-panel')[{button}].click()")).await;
            page.comes_true("return document.querySelector('.composer-panel') !== null").await;
            self.take(panel).await;
            page.clicks(".composer-panel .forget").await;
        }
        page.run("document.querySelector('#files').showPopover()").await;
        self.take("files").await;
        page.run("document.querySelector('#files').hidePopover()").await;
        page.clicks(".toolbar > .choices button").await;
        page.comes_true("return document.querySelector('.chip') !== null").await;
        self.take("chips").await;
        page.clicks(".chip").await;
        page.comes_true("return document.querySelector('.chip') === null").await;
        page.run("document.querySelector('.entry[data-kind=text]').click()").await;
        page.clicks(".entry-actions .pin").await;
        page.comes_true("return document.querySelector('.pins li') !== null").await;
        page.clicks(".detail-header .close").await;
        self.take("pins").await;
        page.clicks(".unfold-measure").await;
        page.comes_true("return document.querySelector('.dock .plot') !== null").await;
        self.take("pins-dock").await;
        page.clicks(".dock .close").await;
        page.clicks(".pins .forget").await;
        page.clicks("button.show-settings").await;
        self.take("settings").await;
        page.presses("\u{e00c}").await;
        page.clicks("button.with-code").await;
        self.take("disconnecting").await;
        page.presses("\u{e00c}").await;
        page.clicks("button.show-keys").await;
        self.take("keys").await;
        page.clicks(".keys .forget").await;
        page.clicks("button.add").await;
        self.take("tabs").await;
        page.run(
            "document.querySelector('[role=tab]').dispatchEvent(
                new MouseEvent('contextmenu', { bubbles: true, clientX: 200, clientY: 24 }))",
        )
        .await;
        page.comes_true("return document.querySelector('.tab-menu') !== null").await;
        self.take("tab-menu").await;
        page.clicks(".tab-menu button").await;
        page.comes_true("return document.querySelector('.tab-rename') !== null").await;
        self.take("tab-rename").await;
        page.presses("\u{e00c}").await;
        page.run("[...document.querySelectorAll('.tab .close')].at(-1).click()").await;
        self.take("closed-tab").await;
        page.clicks(".closed-tab .forget").await;
    }

    async fn relay(&self, server: &Server) {
        let page = &self.page;
        page.takes_the_server().await;
        page.clicks(".route .add-part").await;
        page.enters(".route .name", "X-Key").await;
        page.enters(".route .value", "abc").await;
        self.take("route").await;
        // A header is bound to the first address that it is sent to.
        page.clicks(".route .remove-part").await;
        for section in ["credentials", "tls", "network", "compression"] {
            page.clicks(&format!(".section.{section}")).await;
            self.take(section).await;
        }
        let port = Authority::default().serve().await;
        page.goes_to(&format!("wss://localhost:{port}/")).await;
        page.comes_true("return document.querySelector('.way-on p') !== null").await;
        self.take("certificate").await;
        page.goes_to(&server.ws("/echo?delay=1ms")).await;
        page.says("through this server").await;
        page.clicks("button.unfold").await;
        page.fills("through the server").await;
        page.clicks_send().await;
        page.sees("received", "through the server").await;
        self.take("relayed").await;
        let last = "[...document.querySelectorAll('.entry:not([hidden])')].filter";
        page.run(&format!("{last}(it => it.dataset.direction === 'received').at(-1).click()"))
            .await;
        page.comes_true("return document.querySelector('.frames td') !== null").await;
        self.take("frames").await;
        page.run(&format!("{last}(it => it.dataset.kind === 'handshake').at(-1).click()")).await;
        page.comes_true("return document.querySelectorAll('.head').length === 2").await;
        self.take("handshake").await;
        page.chooses(".framing", "Ping").await;
        page.fills("there?").await;
        page.clicks_send().await;
        page.sees("event", "Pong received: there?").await;
        page.run(&format!("{last}(it => it.dataset.kind === 'control').at(-1).click()")).await;
        page.comes_true("return document.querySelector('.detail .frame-table') !== null").await;
        self.take("control-frame").await;
        page.chooses(".framing", "Message").await;
        page.clicks(".detail-header .close").await;
        page.clicks("button.unfold").await;
        page.chooses(".route .choice select", "browser").await;
        page.clicks("button.unfold").await;
        page.unfolds("Saved").await;
        page.enters(".options form input", "Echo, delayed").await;
        page.presses_enter_in(".options form input").await;
        page.comes_true("return document.querySelector('.options .load') !== null").await;
        self.take("saved-connections").await;
        page.clicks("button.unfold").await;
    }

    async fn other_peers(&self, server: &Server) {
        let page = &self.page;
        page.clicks_connect().await;
        page.is("closed").await;
        self.take("closed").await;
        page.goes_to(&server.ws("/close?code=1011&reason=out%20of%20tea&after=1")).await;
        page.is("open").await;
        page.fills("one more").await;
        page.clicks_send().await;
        page.is("waiting").await;
        page.stops_retrying().await;
        page.is("closed").await;
        self.take("closed-with-an-error").await;
        page.goes_to(&server.ws("/hang?stage=handshake")).await;
        page.is("connecting").await;
        self.take("connecting").await;
        page.clicks_connect().await;
        page.is("closed").await;
        page.goes_to(&server.ws("/stream?rate=1000/s&size=48")).await;
        page.comes_true(
            "return Number(document.querySelector('[data-count=received]').textContent.replaceAll(',', '')) > 3000",
        )
        .await;
        self.take("flood").await;
        page.clicks_connect().await;
        page.is("closed").await;
    }

    async fn trouble(&self, server: Server) {
        let page = &self.page;
        page.goes_to("ftp://example.org").await;
        self.take("wrong-address").await;
        page.goes_to("ws://localhost:2/chat").await;
        page.is("waiting").await;
        self.take("failed-elsewhere").await;
        page.stops_retrying().await;
        page.is("failed").await;
        page.goes_to(&server.ws("/ws")).await;
        page.is("open").await;
        let stopped = server.stop().await;
        page.says("Is the server running?").await;
        page.is("waiting").await;
        self.take("reconnecting").await;
        page.stops_retrying().await;
        page.is("failed").await;
        self.take("failed").await;
        let _server = stopped.restart();
        page.clicks_connect().await;
        page.is("open").await;
        self.take("reconnected").await;
        self.browser.keeps_workers_busy().await;
        page.says("has not responded for 3 seconds").await;
        self.take("stuck").await;
        page.clicks(".notices .stop-worker").await;
        page.is("idle").await;
        self.take("stopped").await;
    }

    async fn sends(&self, text: &str) {
        self.page.fills(text).await;
        self.page.clicks_send().await;
        self.page.comes_true("return document.querySelector('textarea').value === ''").await;
        let sent = format!(
            "return [...document.querySelectorAll('.entry[data-direction=received] .payload')]
                .some(row => row.textContent.startsWith('Echo: ' + {}))",
            json!(text.chars().take(40).collect::<String>())
        );
        self.page.comes_true(&sent).await;
    }

    /// Takes the requested screenshots of a state.
    async fn take(&self, state: &str) {
        if self.camera.is_for_readme {
            for (_, width, height, theme) in README.iter().filter(|(name, ..)| *name == state) {
                let name = format!("page-{state}.png");
                self.shoot(*width, *height, theme, &name).await;
            }
            return;
        }
        for (width, height) in WIDTHS {
            for theme in THEMES {
                self.shoot(width, height, theme, &format!("{state}-{width}x{height}-{theme}.png"))
                    .await;
            }
        }
    }

    async fn shoot(&self, width: u32, height: u32, theme: &str, name: &str) {
        // Windows have a minimum size, unlike a phone's page.
        let room =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.browser.devtools("Emulation.setDeviceMetricsOverride", room).await;
        self.page.wears(theme).await;
        let picture = self.page.screenshot().await;
        fs::write(self.camera.folder.join(name), picture).expect("the picture can be written");
    }
}

struct Camera {
    folder: PathBuf,
    is_for_readme: bool,
}
