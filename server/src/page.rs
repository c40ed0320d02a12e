//! The browser client: the files that trunk built, carried inside the release binary.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

/// What `cargo xtask build` (or `trunk build`) left in `dist/`; nothing if it never ran.
#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
pub(crate) struct Built;

const INDEX: &str = "index.html";

/// A file whose name holds the hash of its content can be kept for ever: one year, by custom.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Any other is asked for each time, and its `ETag` saves sending it again.
const ASK_AGAIN: &str = "no-cache";

/// Hexadecimal digits of the hash that trunk puts before a file's ending.
const HASH_LEN: usize = 16;

/// The file of `page` at `path`, which begins with `/`, for a request with `asked` headers.
pub(crate) fn file<Page: RustEmbed>(path: &str, asked: &HeaderMap) -> Response {
    let name = match path.trim_start_matches('/') {
        "" => INDEX,
        name => name,
    };
    let compressed = || Page::get(&format!("{name}.br")).filter(|_| accepts_brotli(asked));
    match Page::get(name) {
        Some(file) => found(name, file, compressed(), asked),
        None if name == INDEX => Html(include_str!("no_page.html")).into_response(),
        None => (StatusCode::NOT_FOUND, "There is nothing at this path.\n").into_response(),
    }
}

/// `compressed` is the file as the build compressed it: better than there is time for in an answer.
fn found(
    name: &str,
    file: EmbeddedFile,
    compressed: Option<EmbeddedFile>,
    asked: &HeaderMap,
) -> Response {
    // Weak: the same content may be sent in several encodings.
    let tag = format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash()));
    let cache = if is_hashed(name) { FOR_EVER } else { ASK_AGAIN };
    let content_type = file.metadata.mimetype().to_owned();
    let document = if content_type == "text/html" { &*file.data } else { &[] };
    let kept = [
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::CONTENT_SECURITY_POLICY, security_policy(&String::from_utf8_lossy(document))),
        (header::ETAG, tag.clone()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::VARY, "accept-encoding".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    if is_known(&tag, asked) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, content_type)];
    match compressed {
        Some(compressed) => {
            let encoding = [(header::CONTENT_ENCODING, "br")];
            (kept, content_type, encoding, compressed.data).into_response()
        }
        None => (kept, content_type, file.data).into_response(),
    }
}

/// Whether `Accept-Encoding` names brotli, and not to refuse it (RFC 9110 section 12.5.3).
fn accepts_brotli(asked: &HeaderMap) -> bool {
    asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            (name.trim() == "br").then(|| weight.trim())
        })
        .any(|weight| !matches!(weight.strip_prefix("q=0"), Some("" | "." | ".0" | ".00" | ".000")))
}

/// Whether `If-None-Match` names the tag, compared weakly (RFC 9110 section 13.1.2).
fn is_known(tag: &str, asked: &HeaderMap) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

/// `name-0123456789abcdef.css`, and `name-0123456789abcdef_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    // What the file is of the script of the same hash, such as `_bg`.
    let hash = hash.split_once('_').map_or(hash, |(hash, _)| hash);
    hash.len() == HASH_LEN && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// The page runs its own scripts and nothing else, is shown in no frame, and may connect to any
/// WebSocket: that is what it is for. The inline scripts that trunk writes into `content` are
/// named by their hash (CSP level 3 section 6.7.2.3).
fn security_policy(content: &str) -> String {
    let scripts = content.split("<script").skip(1);
    let inline = scripts.filter_map(|rest| rest.split_once('>')?.1.split_once("</script>"));
    let mut policy = "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'; \
                      worker-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
        .to_owned();
    for (script, _) in inline.filter(|(script, _)| !script.is_empty()) {
        policy.push_str(" 'sha256-");
        policy.push_str(&BASE64_STANDARD.encode(Sha256::digest(script)));
        policy.push('\'');
    }
    policy
}

#[cfg(test)]
mod tests {
    use axum::{body::to_bytes, http::HeaderValue};

    use super::*;

    #[derive(RustEmbed)]
    #[folder = "tests/page"]
    struct Page;

    #[derive(RustEmbed)]
    #[folder = "tests/no-such-folder"]
    #[allow_missing = true]
    struct NoPage;

    fn get<P: RustEmbed>(path: &str) -> Response {
        file::<P>(path, &HeaderMap::new())
    }

    #[test]
    fn files_have_their_content_type() {
        for (path, expected) in [
            ("/", "text/html"),
            ("/index.html", "text/html"),
            ("/page.js", "text/javascript"),
            ("/page.css", "text/css"),
            ("/page.wasm", "application/wasm"),
        ] {
            let response = get::<Page>(path);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], expected, "{path}");
            assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        }
    }

    #[test]
    fn an_unknown_path_is_not_found() {
        for path in [
            "/nothing",
            "/page.js/",
            "/../Cargo.toml",
            "//etc/passwd",
            "/%2e%2e/Cargo.toml",
            "/..%2fCargo.toml",
            "/..\\Cargo.toml",
        ] {
            assert_eq!(get::<Page>(path).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn without_a_page_the_index_says_how_to_build_it() {
        let response = get::<NoPage>("/");
        assert_eq!(response.status(), StatusCode::OK);
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("cargo xtask run"));
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let tag = get::<Page>("/page.js").headers()[header::ETAG].clone();
        let strong = HeaderValue::from_str(tag.to_str().unwrap().trim_start_matches("W/")).unwrap();
        let ask = |tag: HeaderValue| {
            let asked = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
            file::<Page>("/page.js", &asked).status()
        };
        for known in [tag, strong, HeaderValue::from_static("*")] {
            assert_eq!(ask(known), StatusCode::NOT_MODIFIED);
        }
        assert_eq!(ask(HeaderValue::from_static("W/\"another\"")), StatusCode::OK);
    }

    #[tokio::test]
    async fn what_was_compressed_beforehand_is_sent_to_those_who_accept_it() {
        for (accepted, is_compressed) in [
            ("br", true),
            ("gzip, deflate, br;q=0.5", true),
            ("gzip, br ; q=0.001", true),
            ("gzip", false),
            ("br;q=0", false),
            ("br;q=0.000, gzip", false),
            ("brotli", false),
        ] {
            let value = HeaderValue::from_static(accepted);
            let asked = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
            let response = file::<Page>("/page.css", &asked);
            let encoding = response.headers().get(header::CONTENT_ENCODING).cloned();
            assert_eq!(encoding.is_some_and(|it| it == "br"), is_compressed, "{accepted}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css");
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            assert_eq!(body == include_bytes!("../tests/page/page.css.br")[..], is_compressed);
        }
    }

    #[test]
    fn only_a_name_with_a_hash_is_kept_for_ever() {
        for name in ["style-2530a562fd848253.css", "page-54336fb7b30f5e79_bg.wasm"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in ["index.html", "style-2530a562fd84825.css", "style-2530a562fd84825g.css", ""] {
            assert!(!is_hashed(name), "{name}");
        }
        for file in ["/", "/page.js"] {
            assert_eq!(get::<Page>(file).headers()[header::CACHE_CONTROL], ASK_AGAIN, "{file}");
        }
    }

    #[test]
    fn inline_scripts_are_allowed_by_their_hash() {
        let policy = security_policy("<script type=\"module\">alert(1)</script><p>");
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        let hash = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
        assert!(policy.contains(hash), "{policy}");
        assert!(!security_policy("").contains("sha256"));
    }
}
