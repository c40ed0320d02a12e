//! States of the page, for what looks at each: screenshots and the audit of accessibility.

use tokio::net::TcpListener;

use crate::{Authority, Browser, Page, Server, keys};

/// Part of the walk through the states, which begins with a page that has just connected.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Messages, and what is done with them.
    Conversation,
    /// Menus, panels, tabs and options that a person opens.
    Opened,
    /// Connections through the server, and what is asked about them.
    Relay,
    /// Ends of connections, a flood, and failures.
    Trouble,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Conversation, Self::Opened, Self::Relay, Self::Trouble];

    /// Leads the page of `server` through its states. `visit` gets the name of each, and leaves the page 1280 pixels
    /// wide.
    pub async fn walk(
        self,
        server: Server,
        browser: &Browser,
        page: &Page,
        visit: impl AsyncFnMut(&str),
    ) {
        let mut walk = Walk { page, visit };
        match self {
            Self::Conversation => walk.conversation().await,
            Self::Opened => {
                walk.what_opens().await;
                walk.tabs().await;
                walk.options().await;
            }
            Self::Relay => {
                walk.relay(&server).await;
                walk.questions(&server).await;
            }
            Self::Trouble => {
                walk.peers(&server).await;
                walk.trouble(server, browser).await;
            }
        }
    }
}

struct Walk<'a, V> {
    page: &'a Page,
    visit: V,
}

/// Script that clicks the newest row of this kind or direction.
fn click_newest(attribute: &str) -> String {
    format!(
        "[...document.querySelectorAll('.entry[data-{attribute}]:not([hidden])')].at(-1)?.click();"
    )
}

impl<V: AsyncFnMut(&str)> Walk<'_, V> {
    async fn at(&mut self, state: &str) {
        (self.visit)(state).await;
    }

    async fn conversation(&mut self) {
        let page = self.page;
        self.at("empty").await;
        page.presses_enter().await;
        page.shows("The message is empty.").await;
        self.at("empty-message").await;
        let order = r#"{"order":1842,"items":["tea","cup"],"paid":true}"#;
        page.sends(&["hi", "¡Hola!", "another", order]).await;
        page.types("a draft").await;
        self.at("open").await;
        page.run(&click_newest("direction=sent")).await;
        page.shows("Edit as new").await;
        self.at("detail").await;
        page.clicks("#detail-tab-hex").await;
        self.at("detail-hex").await;
        page.clicks("#detail-tab-text").await;
        page.run("document.querySelectorAll('.detail-actions button')[1].click()").await;
        page.run("document.querySelector('.entry[data-direction=received]').click()").await;
        page.shows("differ").await;
        self.at("compare").await;
        page.clicks(".pin").await;
        page.clicks(".detail-header .close").await;
        self.at("pins").await;
        page.clicks(".unfold-measure").await;
        page.has(".dock .plot").await;
        self.at("pins-dock").await;
        page.clicks(".pins .forget").await;
        self.at("dock").await;
        page.clicks(".dock .close").await;
        self.finding().await;
        page.submits(&"a-long-word-without-a-place-to-break-it-".repeat(80)).await;
        page.counts("received", 5).await;
        self.at("long").await;
        page.clicks("button.clear").await;
        page.shows("cleared").await;
        self.at("cleared").await;
    }

    async fn finding(&mut self) {
        let page = self.page;
        page.enters(".find input", "nothing like it").await;
        page.shows("No matches.").await;
        self.at("filtered-nothing").await;
        page.enters(".find input", "h").await;
        page.has(".entry mark").await;
        self.at("filtered").await;
        page.clicks(".find [title='List all rows and mark the matches']").await;
        page.clicks(".find .next").await;
        page.has(".entry[aria-current] mark").await;
        self.at("marked").await;
        page.clicks(".find [title='List only the rows that match']").await;
        page.clears(".find input").await;
        page.clicks(".toolbar > .choices button").await;
        page.has(".chip").await;
        self.at("chips").await;
        page.clicks(".chip").await;
        page.lacks(".chip").await;
        page.clicks(".more summary").await;
        self.at("more").await;
        page.enters(".sheet .field", "price >").await;
        page.shows("Write a value after the comparison").await;
        self.at("more-mistake").await;
        page.clears(".sheet .field").await;
        page.clicks(".more summary").await;
    }

    async fn what_opens(&mut self) {
        let page = self.page;
        page.clicks(".opener").await;
        page.has(".suggestion").await;
        self.at("presets").await;
        page.presses(keys::ESCAPE).await;
        for (button, panel) in ["variables", "saved", "repeat"].into_iter().enumerate() {
            page.run(&format!("document.querySelectorAll('.fold-panel')[{button}].click()")).await;
            page.has(".composer-panel").await;
            self.at(panel).await;
            page.clicks(".composer-panel .forget").await;
        }
        page.run("document.querySelector('#files').showPopover()").await;
        self.at("files").await;
        page.run("document.querySelector('#files').hidePopover()").await;
        page.clicks("button.show-settings").await;
        self.at("settings").await;
        page.presses(keys::ESCAPE).await;
        page.clicks("button.with-code").await;
        page.enters(".panel .code", "1").await;
        self.at("disconnecting").await;
        page.presses(keys::ESCAPE).await;
        page.clicks("button.show-keys").await;
        page.shows("Start a new line").await;
        self.at("keys").await;
        page.clicks(".keys .forget").await;
        page.run("navigator.clipboard.writeText = async () => { throw 0 }").await;
        page.clicks_text("#files button", "Copy as link").await;
        page.has(".notices .notice").await;
        self.at("notice").await;
        page.clicks(".notices .forget").await;
    }

    async fn tabs(&mut self) {
        let page = self.page;
        page.opens_tab().await;
        self.at("tabs").await;
        page.run(
            "document.querySelector('[role=tab][aria-selected=true]').dispatchEvent(
                new MouseEvent('contextmenu', { bubbles: true, clientX: 200, clientY: 24 }))",
        )
        .await;
        page.has(".tab-menu").await;
        self.at("tab-menu").await;
        page.clicks(".tab-menu button").await;
        page.has(".tab-rename").await;
        self.at("tab-rename").await;
        page.presses(keys::ESCAPE).await;
        page.clicks(".unfold-measure").await;
        self.at("dock-empty").await;
        page.clicks(".dock .close").await;
        page.run("[...document.querySelectorAll('.tab .close')].at(-1).click()").await;
        page.shows("Closed").await;
        self.at("closed-tab").await;
    }

    async fn options(&mut self) {
        let page = self.page;
        page.clicks("button.unfold").await;
        page.clicks(".options [role=tab]:not([hidden])").await;
        self.at("options").await;
        page.clicks_text(".options [role=tab]", "Query").await;
        page.clicks(".options fieldset:not([hidden]) .add-part").await;
        self.at("query").await;
        page.clicks_text(".options [role=tab]", "Route").await;
        page.selects(".route .choice select", "server").await;
        page.clicks(".route .add-part").await;
        self.at("route").await;
        page.clicks(".section.credentials").await;
        page.selects(".sign-in", "Basic").await;
        page.clicks(".credentials .add-part").await;
        self.at("credentials").await;
        for section in ["tls", "network", "compression"] {
            page.clicks(&format!(".section.{section}")).await;
            self.at(section).await;
        }
        page.clicks_text(".options [role=tab]", "Saved connections").await;
        page.enters("input[placeholder='Name of this connection']", "Of the department").await;
        page.clicks(".options form button").await;
        page.has(".options .load").await;
        self.at("saved-connections").await;
    }

    async fn relay(&mut self, server: &Server) {
        let page = self.page;
        page.routes_through_server().await;
        page.clicks(".route .add-part").await;
        page.enters(".route .name", "X-Key").await;
        page.enters(".route .value", "abc").await;
        page.connects_to(&server.ws("/echo?delay=1ms")).await;
        page.clicks("button.unfold").await;
        page.selects(".framing", "Fragments by number").await;
        page.has(".frame-number").await;
        page.submits("in two").await;
        page.sees("received", "in two").await;
        self.at("relayed").await;
        page.enters(".frame-number", "0").await;
        page.has(".frame-number[aria-invalid]").await;
        self.at("no-number").await;
        page.clicks(".entry[data-direction=sent]").await;
        page.has_count(".frames tbody tr", 2).await;
        page.clicks(".frames summary").await;
        self.at("frames").await;
        page.run(&click_newest("kind=handshake")).await;
        page.has_count(".head", 2).await;
        self.at("handshake").await;
        page.selects(".framing", "Ping").await;
        page.submits("there?").await;
        page.sees("event", "Pong received: there?").await;
        page.run(&click_newest("kind=control")).await;
        page.has(".detail .frame-table").await;
        self.at("control-frame").await;
        page.clicks(".detail-header .close").await;
    }

    async fn questions(&mut self, server: &Server) {
        let page = self.page;
        page.goes_to("ws://localhost:9/other").await;
        page.has(".detour").await;
        self.at("other-address").await;
        let port = Authority::default().serve().await;
        page.goes_to(&format!("wss://localhost:{port}/")).await;
        page.clicks(".detour").await;
        page.shows(&format!("Accept this certificate of localhost:{port} once")).await;
        self.at("certificate").await;
        // An older one may still be the newest.
        let click = click_newest("kind=handshake");
        let refused = "document.body.innerText.includes('The certificate was refused')";
        page.waits_for(&format!("{click} return {refused}")).await;
        self.at("refused-certificate").await;
        page.clicks(".detail-header .close").await;
        page.goes_to(&server.ws("/reject?status=401")).await;
        page.clicks(".detour").await;
        page.shows("401: Rejected").await;
        let bodies = "document.querySelectorAll('.event-facts .head').length === 3";
        page.waits_for(&format!("{click} return {bodies}")).await;
        self.at("refusal").await;
        page.clicks(".detail-header .close").await;
        page.opens_options("Route").await;
        page.clicks(".route .remove-part").await;
        page.clicks(".section.network").await;
        page.enters(".route input[placeholder='127.0.0.1']", "10.255.255.1").await;
        page.clicks("button.unfold").await;
        let host = "a-long-name-of-a-service-in-the-local-network.and-its-department.example.test";
        page.goes_to(&format!("ws://{host}:8443/")).await;
        page.contains(".detour", "service").await;
        self.at("network-question").await;
    }

    async fn peers(&mut self, server: &Server) {
        let page = self.page;
        page.disconnects().await;
        self.at("closed").await;
        page.connects_to(&server.ws("/close?code=1011&reason=out%20of%20tea&after=1")).await;
        page.submits("one more").await;
        page.has_state("waiting").await;
        page.stops_retrying().await;
        page.has_state("closed").await;
        self.at("closed-with-an-error").await;
        page.goes_to(&server.ws("/hang?stage=handshake")).await;
        page.has_state("connecting").await;
        self.at("connecting").await;
        page.disconnects().await;
        page.goes_to(&server.ws("/stream?rate=1000/s&size=48")).await;
        page.counts_at_least("received", 3_000).await;
        self.at("flood").await;
        page.disconnects().await;
    }

    async fn trouble(&mut self, server: Server, browser: &Browser) {
        let page = self.page;
        page.goes_to("ftp://example.org").await;
        page.has("[role=combobox][aria-invalid=true]").await;
        self.at("wrong-address").await;
        // Nothing listens where something just did.
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let address = listener.local_addr().expect("it has an address");
        drop(listener);
        page.goes_to(&format!("ws://{address}/")).await;
        page.has_state("waiting").await;
        self.at("failed-elsewhere").await;
        page.stops_retrying().await;
        page.has_state("failed").await;
        page.clicks(".causes summary").await;
        self.at("causes").await;
        page.connects_to(&server.ws("/ws")).await;
        let stopped = server.stop().await;
        // Rows of earlier failures say the same.
        page.contains(".status .says", "Is the server running?").await;
        page.has_state("waiting").await;
        self.at("reconnecting").await;
        page.stops_retrying().await;
        page.has_state("failed").await;
        self.at("failed").await;
        let _server = stopped.restart();
        page.clicks_connect().await;
        page.has_state("open").await;
        self.at("reconnected").await;
        browser.keeps_workers_busy().await;
        page.shows("has not responded for 3 seconds").await;
        self.at("stuck").await;
        page.clicks(".notices .stop-worker").await;
        page.has_state("idle").await;
        self.at("stopped").await;
    }
}
