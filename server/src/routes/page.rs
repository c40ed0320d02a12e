//! Browser client: the files built by trunk, embedded in the release binary.

use std::{collections::BTreeMap, io::Write, ops::RangeInclusive};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use brotli_decompressor::BrotliDecompress;
use flate2::{Compression, write::GzEncoder};
use parking_lot::Mutex;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

/// Output of `cargo xtask build` (or `trunk build`) in `dist/`; empty if it never ran.
#[cfg(debug_assertions)]
#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
pub(crate) struct Built;

// A release embeds that, or the page that the package carries.
#[cfg(not(debug_assertions))]
include!(concat!(env!("OUT_DIR"), "/built.rs"));

/// File at `/`.
const INDEX: &str = "index.html";

/// Cache control of a file with a hash of its content in the name: one year, the customary maximum.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Cache control of any other file: revalidated by its `ETag` each time.
const REVALIDATE: &str = "no-cache";

/// Hexadecimal digits of the hash that trunk puts before the file extension. It writes 64 bits without leading
/// zeros, so that one file in 16 has fewer than 16.
const HASH_LEN: RangeInclusive<usize> = 8..=16;

/// True if there is a page to serve.
pub(crate) fn is_built() -> bool {
    Built::iter().next().is_some()
}

/// Response with the file at `path`, which starts with `/`: 200, 304 or 404.
pub(crate) fn file<Page: RustEmbed>(path: &str, request: &HeaderMap) -> Response {
    let name = match path.trim_start_matches('/') {
        "" => INDEX,
        name => name,
    };
    let plain = || Page::get(name).map(|file| (file, Stored::Plain));
    let brotli = || Page::get(&format!("{name}.br")).map(|file| (file, Stored::Brotli));
    let found =
        if accepts("br", request) { brotli().or_else(plain) } else { plain().or_else(brotli) };
    match found {
        Some((file, form)) => response(name, file, form, request),
        None if name == INDEX => Html(include_str!("no_page.html")).into_response(),
        None => (StatusCode::NOT_FOUND, "There is nothing at this path.\n").into_response(),
    }
}

/// Form of an embedded file.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Stored {
    /// As trunk wrote it.
    Plain,
    /// From the build, smaller than compressing on the fly would make it. A release has no other.
    Brotli,
}

/// Response with a file.
fn response(name: &str, file: EmbeddedFile, stored: Stored, request: &HeaderMap) -> Response {
    // Weak: the same content is sent in several encodings.
    let tag = format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash()));
    let cache = if is_hashed(name) { IMMUTABLE } else { REVALIDATE };
    let content_type = mime_guess::from_path(name).first_or_octet_stream();
    let content = || match stored {
        Stored::Plain => file.data.clone().into_owned().into(),
        Stored::Brotli => recoded(&file, Coding::Identity),
    };
    let is_document = content_type == mime_guess::mime::TEXT_HTML;
    let document = if is_document { content() } else { Bytes::new() };
    let headers = [
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::CONTENT_SECURITY_POLICY, security_policy(&String::from_utf8_lossy(&document))),
        (header::ETAG, tag.clone()),
        (header::VARY, "accept-encoding".to_owned()),
    ];
    if is_known(&tag, request) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, content_type.to_string())];
    let (coding, body) = match stored {
        Stored::Brotli if accepts("br", request) => (Some("br"), Body::from(file.data)),
        Stored::Brotli if accepts("gzip", request) => {
            (Some("gzip"), recoded(&file, Coding::Gzip).into())
        }
        _ => (None, content().into()),
    };
    let encoding = coding.map(|coding| [(header::CONTENT_ENCODING, coding)]);
    (headers, content_type, encoding, body).into_response()
}

/// Coding that a compressed file is brought into for clients that do not take Brotli: browsers take it only at an
/// address that is https or of this machine.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Coding {
    /// None.
    Identity,
    Gzip,
}

/// Content in other codings, by the hash of the file. At most all files of the page, twice.
static RECODED: Mutex<BTreeMap<([u8; 32], Coding), Bytes>> = Mutex::new(BTreeMap::new());

/// Content of a compressed file of the build, once for all requests: each would hold a copy of its own until the
/// client has read it.
fn recoded(file: &EmbeddedFile, coding: Coding) -> Bytes {
    let mut recoded = RECODED.lock();
    let content = recoded.entry((file.metadata.sha256_hash(), coding)).or_insert_with(|| {
        let content = decompressed(&file.data);
        match coding {
            Coding::Identity => content.into(),
            Coding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                // Writing to a Vec cannot fail.
                let _ = encoder.write_all(&content);
                encoder.finish().unwrap_or_default().into()
            }
        }
    });
    content.clone()
}

/// Content of a compressed file of the build: a few milliseconds for each MB.
fn decompressed(compressed: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    // The build wrote it, and writing to a Vec cannot fail.
    let _ = BrotliDecompress(&mut &*compressed, &mut content);
    content
}

/// True if `Accept-Encoding` allows a coding (RFC 9110 section 12.5.3).
fn accepts(wanted: &str, request: &HeaderMap) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            (name.trim() == wanted).then(|| weight.trim())
        })
        .any(|weight| !matches!(weight.strip_prefix("q=0"), Some("" | "." | ".0" | ".00" | ".000")))
}

/// True if `If-None-Match` has the tag, compared weakly (RFC 9110 section 13.1.2).
fn is_known(tag: &str, request: &HeaderMap) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

/// True for a name such as `name-0123456789abcdef.css` or `name-0123456789abcdef_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    // A suffix of wasm-bindgen, such as `_bg`.
    let hash = hash.split_once('_').map_or(hash, |(hash, _)| hash);
    HASH_LEN.contains(&hash.len()) && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Content security policy: own scripts only, no frames, connections to any WebSocket, as the page is
/// for. Allows the inline scripts that trunk writes into `content` by their hash (CSP level 3 section
/// 6.7.2.3).
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
    use std::io::Read;

    use axum::{body::to_bytes, http::HeaderValue};
    use flate2::read::GzDecoder;

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
        }
    }

    #[test]
    fn an_unknown_path_is_not_found() {
        for path in [
            "/nothing", "/page.js/", "/../Cargo.toml", "//etc/passwd", "/%2e%2e/Cargo.toml",
            "/..%2fCargo.toml", "/..\\Cargo.toml",
        ] {
            assert_eq!(get::<Page>(path).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn without_a_build_the_index_tells_how_to_build() {
        let response = get::<NoPage>("/");
        assert_eq!(response.status(), StatusCode::OK);
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("cargo xtask run"));
    }

    #[test]
    fn a_cached_file_is_not_sent_again() {
        let tag = get::<Page>("/page.js").headers()[header::ETAG].clone();
        let strong = HeaderValue::from_str(tag.to_str().unwrap().trim_start_matches("W/")).unwrap();
        let options = |tag: HeaderValue| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
            file::<Page>("/page.js", &headers).status()
        };
        for known in [tag, strong, HeaderValue::from_static("*")] {
            assert_eq!(options(known), StatusCode::NOT_MODIFIED);
        }
        assert_eq!(options(HeaderValue::from_static("W/\"another\"")), StatusCode::OK);
    }

    #[tokio::test]
    async fn the_compressed_file_is_sent_to_clients_that_accept_it() {
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
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
            let response = file::<Page>("/page.css", &headers);
            let encoding = response.headers().get(header::CONTENT_ENCODING).cloned();
            assert_eq!(encoding.is_some_and(|it| it == "br"), is_compressed, "{accepted}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css");
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            assert_eq!(body == include_bytes!("../../tests/page/page.css.br")[..], is_compressed);
        }
    }

    /// As in a release, which has the compressed files only.
    #[derive(RustEmbed)]
    #[folder = "tests/compressed"]
    struct Compressed;

    #[tokio::test]
    async fn clients_get_a_compressed_file_in_what_they_take() {
        for (accepted, coding) in [("br", Some("br")), ("gzip, deflate", Some("gzip")), ("", None)]
        {
            let value = HeaderValue::from_static(accepted);
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
            let response = file::<Compressed>("/page.css", &headers);
            assert_eq!(response.status(), StatusCode::OK, "{accepted}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css");
            let encoding = response.headers().get(header::CONTENT_ENCODING).cloned();
            assert_eq!(encoding.as_ref().map(HeaderValue::as_bytes), coding.map(str::as_bytes));
            let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            let mut content = Vec::new();
            match coding {
                Some("br") => BrotliDecompress(&mut &*body, &mut content).unwrap(),
                Some(_) => drop(GzDecoder::new(&*body).read_to_end(&mut content).unwrap()),
                None => content.extend(body),
            }
            assert_eq!(content, include_bytes!("../../tests/page/page.css"), "{accepted}");
        }
    }

    /// A hundred requests over one HTTP/2 connection that reads none of them would hold a hundred copies.
    #[tokio::test]
    async fn a_file_is_brought_into_another_coding_once() {
        for accepted in ["", "gzip"] {
            let value = HeaderValue::from_static(accepted);
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
            let content = async || {
                let response = file::<Compressed>("/page.css", &headers);
                to_bytes(response.into_body(), 1 << 20).await.unwrap()
            };
            assert_eq!(content().await.as_ptr(), content().await.as_ptr(), "{accepted}");
        }
    }

    #[test]
    fn only_a_name_with_a_hash_is_immutable() {
        for name in ["style-2530a562fd848253.css", "page-4336fb7b30f5e79_bg.wasm"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in ["index.html", "style-2530a56.css", "style-2530a562fd84825g.css", ""] {
            assert!(!is_hashed(name), "{name}");
        }
        for file in ["/", "/page.js"] {
            assert_eq!(get::<Page>(file).headers()[header::CACHE_CONTROL], REVALIDATE, "{file}");
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
