//! Mounts the page; in a worker, runs an engine for it.

fn main() {
    match client::calling_of_this_worker() {
        Some((port, list)) => client::serve(port, Some(list)),
        None => {
            leptos::mount::mount_to_body(client::App);
            client::keep_page();
        }
    }
}
