//! Mounts the page in place of the static frame; in a worker, runs the engine.

/// The same module serves both: a worker's global scope holds the port and the list that the page
/// has sent it, a window's holds none.
fn main() {
    if let Some((port, list)) = client::worker_start() {
        return client::serve(port, Some(list));
    }
    client::remove_frame();
    leptos::mount::mount_to_body(client::App);
    client::register_service_worker();
}
