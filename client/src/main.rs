//! Mounts the page; in a worker, runs an engine for it.

fn main() {
    match client::port_of_this_worker() {
        Some(port) => client::serve(port),
        None => leptos::mount::mount_to_body(client::App),
    }
}
