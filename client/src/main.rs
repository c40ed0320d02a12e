//! Mounts the page; in a worker, runs an engine for it.

fn main() {
    if let Some((port, list)) = client::calling_of_this_worker() {
        return client::serve(port, Some(list));
    }
    leptos::mount::mount_to_body(client::App);
    client::keep_page();
}
