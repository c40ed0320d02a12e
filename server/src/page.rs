//! The browser client: the files that trunk built, carried inside the release binary.

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::RustEmbed;

/// What `cargo xtask build` (or `trunk build`) left in `dist/`; nothing if it never ran.
#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
pub(crate) struct Built;

const INDEX: &str = "index.html";

/// The file of `page` at `path`, which begins with `/`.
pub(crate) fn file<Page: RustEmbed>(path: &str) -> Response {
    let name = match path.trim_start_matches('/') {
        "" => INDEX,
        name => name,
    };
    match Page::get(name) {
        Some(file) => {
            let content_type = file.metadata.mimetype().to_owned();
            ([(header::CONTENT_TYPE, content_type)], file.data).into_response()
        }
        None if name == INDEX => Html(include_str!("no_page.html")).into_response(),
        None => (StatusCode::NOT_FOUND, "There is nothing at this path.\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[derive(RustEmbed)]
    #[folder = "tests/page"]
    struct Page;

    #[derive(RustEmbed)]
    #[folder = "tests/no-such-folder"]
    #[allow_missing = true]
    struct NoPage;

    async fn get<P: RustEmbed>(path: &str) -> (StatusCode, String, String) {
        let response = file::<P>(path);
        let status = response.status();
        let content_type = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, content_type, String::from_utf8(body.into()).unwrap())
    }

    #[tokio::test]
    async fn files_have_their_content_type() {
        for (path, expected) in [
            ("/", "text/html"),
            ("/index.html", "text/html"),
            ("/page.js", "text/javascript"),
            ("/page.css", "text/css"),
            ("/page.wasm", "application/wasm"),
        ] {
            let (status, content_type, _) = get::<Page>(path).await;
            assert_eq!((status, content_type.as_str()), (StatusCode::OK, expected), "{path}");
        }
    }

    #[tokio::test]
    async fn an_unknown_path_is_not_found() {
        for path in
            ["/nothing", "/page.js/", "/../Cargo.toml", "//etc/passwd", "/%2e%2e/Cargo.toml"]
        {
            assert_eq!(get::<Page>(path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn without_a_page_the_index_says_how_to_build_it() {
        let (status, content_type, body) = get::<NoPage>("/").await;
        assert_eq!(status, StatusCode::OK);
        assert!(content_type.starts_with("text/html"), "{content_type}");
        assert!(body.contains("cargo xtask run"), "{body}");
    }
}
