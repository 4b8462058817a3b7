//! The console for browsers under `/_ecmock/console/`: static files that use the admin API.

use std::hash::BuildHasher as _;

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
            IF_NONE_MATCH, REFERRER_POLICY, UPGRADE_INSECURE_REQUESTS, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use foldhash::quality::FixedState;

/// Path of the console.
pub const PATH: &str = "/_ecmock/console/";
/// The same path without its slash. The files of the page have paths relative to [`PATH`].
const PATH_WITHOUT_SLASH: &str = "/_ecmock/console";
/// The file at [`PATH`].
const INDEX: &str = "index.html";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// A file of the console.
#[derive(Debug)]
struct File {
    /// Path in `src/console/`, and below [`PATH`].
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! file {
    ($name:literal, $content_type:ident) => {
        File {
            name: $name,
            content_type: $content_type,
            bytes: include_bytes!(concat!("console/", $name)),
        }
    };
}

/// All files of the console.
static FILES: [File; 15] = [
    file!("index.html", HTML),
    file!("console.css", CSS),
    file!("icon.svg", SVG),
    file!("app.js", SCRIPT),
    file!("api.js", SCRIPT),
    file!("live.js", SCRIPT),
    file!("parts.js", SCRIPT),
    file!("overview.js", SCRIPT),
    file!("network.js", SCRIPT),
    file!("addresses.js", SCRIPT),
    file!("calls.js", SCRIPT),
    file!("faults.js", SCRIPT),
    file!("control.js", SCRIPT),
    file!("snippets.js", SCRIPT),
    file!("vendor/preact.js", SCRIPT),
];

/// Headers of every response below [`PATH`]. A page can load only files of the same server, and no other
/// site can embed the console.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             object-src 'none'",
        ),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Returns the routes of the console.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let redirect = get(|| async { Redirect::permanent(PATH) });
    FILES.iter().fold(Router::new().route(PATH_WITHOUT_SLASH, redirect), |router, file| {
        let name = if file.name == INDEX { "" } else { file.name };
        let serve = move |headers: HeaderMap| async move { file.response(&headers) };
        router.route(&format!("{PATH}{name}"), get(serve))
    })
}

/// Adds the headers of the console to all of its responses, including errors.
pub async fn protect(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_console = path == PATH_WITHOUT_SLASH || path.starts_with(PATH);
    let mut response = next.run(request).await;
    if is_console {
        response.headers_mut().extend(HEADERS);
    }
    response
}

/// Whether a request comes from the address bar of a browser, and is no call.
///
/// An `Accept` header with `text/html` is not enough: it is the default of Java's
/// `HttpURLConnection`. Browsers send `Sec-Fetch-Mode` only over TLS or to this machine.
pub fn is_visit<B>(request: &axum::http::Request<B>) -> bool {
    let (uri, headers) = (request.uri(), request.headers());
    if *request.method() != Method::GET || uri.path() != "/" {
        return false;
    }
    let is_call = uri.query().is_some_and(|query| query.contains("Action"))
        || headers.contains_key("x-tc-action")
        || headers.contains_key(AUTHORIZATION);
    let is = |name, expected| headers.get(name).is_some_and(|value| value == expected);
    let mode = HeaderName::from_static("sec-fetch-mode");
    let is_navigation = is(mode, "navigate") || is(UPGRADE_INSECURE_REQUESTS, "1");
    let accepts_html =
        |value: &HeaderValue| value.to_str().is_ok_and(|it| it.contains("text/html"));
    !is_call && is_navigation && headers.get_all(ACCEPT).iter().any(accepts_html)
}

/// Returns the response to a visit of `/`.
pub fn redirect() -> Response {
    let mut response = Redirect::to(PATH).into_response();
    response.headers_mut().extend(HEADERS);
    response
}

impl File {
    fn response(&self, headers: &HeaderMap) -> Response {
        let tag = self.tag();
        let is_known = headers.get_all(IF_NONE_MATCH).iter().any(|known| names(known, &tag));
        let tag = [(ETAG, tag)];
        if is_known {
            return (StatusCode::NOT_MODIFIED, tag).into_response();
        }
        let content_type = [(CONTENT_TYPE, HeaderValue::from_static(self.content_type))];
        (tag, content_type, Bytes::from_static(self.bytes)).into_response()
    }

    /// Returns the entity tag: a hash, which takes a few microseconds.
    fn tag(&self) -> String {
        format!("\"{:016x}\"", FixedState::default().hash_one(self.bytes))
    }
}

/// Whether a list of entity tags contains `tag`. A weak tag matches, too.
fn names(list: &HeaderValue, tag: &str) -> bool {
    let list = list.to_str().unwrap_or_default();
    let mut tags = list.split(',').map(str::trim);
    tags.any(|it| it == "*" || it.strip_prefix("W/").unwrap_or(it) == tag)
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
    };

    use rstest::rstest;

    use super::*;

    /// Returns the paths of all files below a directory.
    fn files(root: &Path) -> Vec<PathBuf> {
        let mut left = vec![root.to_owned()];
        let mut found = Vec::new();
        while let Some(path) = left.pop() {
            if path.is_dir() {
                left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                found.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
        found
    }

    fn text(file: &File) -> &str {
        std::str::from_utf8(file.bytes).unwrap()
    }

    /// Returns the quoted strings after each `before`.
    fn quoted<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
        let rest = text.split(before).skip(1);
        rest.filter_map(|rest| {
            let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
            rest.get(1..)?.split(quote).next()
        })
    }

    #[test]
    fn every_file_is_served() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console");
        let names = files(&root).into_iter().map(|it| it.to_str().unwrap().replace('\\', "/"));
        let names: BTreeSet<String> = names.filter(|name| !name.contains("LICENSE")).collect();
        let served: BTreeSet<String> = FILES.iter().map(|it| it.name.to_owned()).collect();
        assert_eq!(names, served);
    }

    #[test]
    fn every_name_has_its_content_type() {
        for file in &FILES {
            let expected = match file.name.rsplit_once('.') {
                Some((_, "html")) => HTML,
                Some((_, "css")) => CSS,
                Some((_, "js")) => SCRIPT,
                Some((_, "svg")) => SVG,
                _ => panic!("{} has no known ending", file.name),
            };
            assert_eq!(file.content_type, expected, "{}", file.name);
        }
    }

    /// The content security policy blocks everything else.
    #[test]
    fn the_page_refers_only_to_files_of_the_console() {
        let page = FILES.iter().find(|it| it.name == INDEX).map(text).unwrap();
        let is_file = |name: &str| FILES.iter().any(|it| it.name == name);
        for name in quoted(page, " src=").chain(quoted(page, " href=")) {
            let name = name.strip_prefix("./").unwrap_or(name);
            assert!(is_file(name) || name.starts_with('#'), "{name}");
        }
        for inline in ["<style", " style=", "<script>", " onclick=", " onload=", "javascript:"] {
            assert!(!page.contains(inline), "{inline}");
        }
    }

    #[test]
    fn modules_import_only_files_of_the_console() {
        for file in FILES.iter().filter(|it| it.content_type == SCRIPT) {
            let (text, folder) = (text(file), Path::new(file.name).parent().unwrap());
            for name in [" from ", "import ", "import("].into_iter().flat_map(|it| quoted(text, it))
            {
                let Some(name) = name.strip_prefix("./") else {
                    panic!("{}: import of `{name}`", file.name)
                };
                let name = folder.join(name);
                assert!(FILES.iter().any(|it| Path::new(it.name) == name), "{}", name.display());
            }
        }
    }

    #[test]
    fn files_have_different_tags() {
        let bytes: BTreeSet<&[u8]> = FILES.iter().map(|it| it.bytes).collect();
        let tags: BTreeSet<String> = FILES.iter().map(File::tag).collect();
        assert_eq!(bytes.len(), tags.len());
    }

    #[rstest]
    #[case::same("\"1\"", true)]
    #[case::weak("W/\"1\"", true)]
    #[case::list("\"0\", \"1\"", true)]
    #[case::any("*", true)]
    #[case::other("\"2\"", false)]
    #[case::unquoted("1", false)]
    #[case::empty("", false)]
    fn a_list_of_tags_names_a_tag(#[case] list: &'static str, #[case] expected: bool) {
        assert_eq!(names(&HeaderValue::from_static(list), "\"1\""), expected);
    }

    const ACCEPT_OF_CHROME: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    const ACCEPT_OF_JAVA: (&str, &str) =
        ("Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2");
    const NAVIGATE: (&str, &str) = ("Sec-Fetch-Mode", "navigate");
    const UPGRADE: (&str, &str) = ("Upgrade-Insecure-Requests", "1");

    #[rstest]
    #[case::local("GET", "/", &[ACCEPT_OF_CHROME, NAVIGATE], true)]
    #[case::remote("GET", "/", &[ACCEPT_OF_CHROME, UPGRADE], true)]
    #[case::query("GET", "/?utm=1", &[ACCEPT_OF_CHROME, NAVIGATE], true)]
    #[case::call("GET", "/?Action=DescribeVpcs", &[ACCEPT_OF_CHROME, NAVIGATE], false)]
    #[case::later_parameter("GET", "/?Version=1&Action=", &[ACCEPT_OF_CHROME, NAVIGATE], false)]
    #[case::other_path("GET", "/index.html", &[ACCEPT_OF_CHROME, NAVIGATE], false)]
    #[case::post("POST", "/", &[ACCEPT_OF_CHROME, NAVIGATE], false)]
    #[case::head("HEAD", "/", &[ACCEPT_OF_CHROME, NAVIGATE], false)]
    #[case::fetch("GET", "/", &[ACCEPT_OF_CHROME, ("Sec-Fetch-Mode", "cors")], false)]
    #[case::signed("GET", "/", &[ACCEPT_OF_CHROME, UPGRADE, ("Authorization", "x")], false)]
    #[case::action("GET", "/", &[ACCEPT_OF_CHROME, UPGRADE, ("X-TC-Action", "x")], false)]
    #[case::java("GET", "/", &[ACCEPT_OF_JAVA], false)]
    #[case::curl("GET", "/", &[("Accept", "*/*")], false)]
    #[case::any_type("GET", "/", &[("Accept", "*/*"), NAVIGATE], false)]
    #[case::bare("GET", "/", &[], false)]
    fn only_navigation_is_a_visit(
        #[case] method: &str,
        #[case] target: &str,
        #[case] headers: &[(&str, &str)],
        #[case] expected: bool,
    ) {
        let request = axum::http::Request::builder().method(method).uri(target);
        let request = headers.iter().fold(request, |it, (name, value)| it.header(*name, *value));
        assert_eq!(is_visit(&request.body(()).unwrap()), expected);
    }
}
