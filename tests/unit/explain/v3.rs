//! Mistakes of signature v3.

use crate::protocol::signature::explain::Mistake;
use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    Case,
    call::{BODY, Call, HOST, KEY, OTHER_KEY, TEAM_KEY, TOKEN, right},
};
use crate::tests::signer::{NOW, V3, hex, sha256_hex};

const JSON: (&str, &str) = ("content-type", "application/json");
/// Headers that the vendor's examples sign, with correct values.
const THREE: [(&str, &str); 3] = [JSON, ("host", HOST), ("x-tc-action", "createhavip")];

/// A call signed for `host`.
fn signed_for(host: &str) -> Call {
    Call::post(&V3 { headers: vec![JSON, ("host", host)], ..right() }.authorization())
}

/// A call signed with other header values than it sends.
fn with_headers(headers: &[(&str, &str)]) -> Call {
    Call::post(&V3 { headers: headers.to_vec(), ..right() }.authorization())
}

/// A call signed for another body than it sends.
fn with_body(body: &[u8]) -> Call {
    Call::post(&V3 { body, ..right() }.authorization())
}

/// A call whose string to sign ends in `digest`.
fn with_digest(digest: &str) -> Call {
    let signer = right();
    Call::post(&signer.header(&hex(&signer.sign(&signer.string_to_sign(digest)))))
}

/// A call whose canonical request is `text`.
fn with_request(text: &str) -> Call {
    with_digest(&sha256_hex(text))
}

/// A call whose string to sign is `text`.
fn with_string(text: &str) -> Call {
    let signer = right();
    Call::post(&signer.header(&hex(&signer.sign(text))))
}

fn right_string() -> String {
    right().string_to_sign(&sha256_hex(right().canonical_request()))
}

pub(super) fn hosts() -> Vec<Case> {
    use Mistake::{
        HostInOtherCase, HostLoopback, HostOfOtherProduct, HostOfOtherRegion, HostReal,
        HostWithPort, HostWithScheme, HostWithSlash, HostWithoutPort, HostWithoutScheme,
    };
    let named = |signed: &str| signed_for(signed).header("Host", "fake.example.test");
    let schemed = |signed: &str| signed_for(signed).header("Host", "http://127.0.0.1:7190");
    let proxied = signed_for("fake.example.test:8080")
        .header("Host", "fake.example.test")
        .target("http://fake.example.test:8080/");
    vec![
        (HostWithoutPort, "`127.0.0.1` has no port", signed_for("127.0.0.1")),
        (HostWithoutPort, "`http://127.0.0.1`", schemed("http://127.0.0.1")),
        (HostWithoutScheme, "`127.0.0.1:7190` has no scheme", schemed("127.0.0.1:7190")),
        (HostWithoutScheme, "`127.0.0.1`", schemed("127.0.0.1")),
        (HostReal, "`ecm.tencentcloudapi.com`", signed_for("ecm.tencentcloudapi.com")),
        (HostReal, "`ecm.intl.tencentcloudapi.com`", signed_for("ecm.intl.tencentcloudapi.com")),
        (
            HostReal,
            "`ecm.internal.tencentcloudapi.com`",
            signed_for("ecm.internal.tencentcloudapi.com"),
        ),
        (HostWithPort, "`fake.example.test:80`", named("fake.example.test:80")),
        (HostWithPort, "`fake.example.test:443`", named("fake.example.test:443")),
        (HostWithPort, "`fake.example.test:8080`", proxied),
        (HostWithScheme, "`http://127.0.0.1:7190`", signed_for("http://127.0.0.1:7190")),
        (HostWithScheme, "`https://127.0.0.1:7190`", signed_for("https://127.0.0.1:7190")),
        (HostWithSlash, "`127.0.0.1:7190/`", signed_for("127.0.0.1:7190/")),
        (HostInOtherCase, "`FAKE.EXAMPLE.TEST`", named("FAKE.EXAMPLE.TEST")),
        (HostInOtherCase, "`FAKE.example.test`", named("FAKE.example.test")),
        (HostInOtherCase, "`Fake.example.test`", named("Fake.example.test")),
        (HostLoopback, "`localhost:7190`", signed_for("localhost:7190")),
        (HostLoopback, "`host.docker.internal`", signed_for("host.docker.internal")),
        (HostOfOtherProduct, "`cvm.tencentcloudapi.com`", signed_for("cvm.tencentcloudapi.com")),
        (
            HostOfOtherRegion,
            "`ecm.ap-guangzhou.tencentcloudapi.com`",
            signed_for("ecm.ap-guangzhou.tencentcloudapi.com"),
        ),
    ]
}

/// Mistakes that are visible without a trial.
pub(super) fn claims() -> Vec<Case> {
    use Mistake::{
        AuthorizationMalformed, ContentHashOther, SecretIdIsKey, SecretIdUnknown,
        SecretIdWithSpace, ServiceOther, SignedHeadersInvalid, TokenNotNeeded,
    };
    let header = right().authorization();
    let written = |from: &str, to: &str| Call::post(&header.replace(from, to));
    let known = |secret_id| Call::post(&V3 { secret_id, ..right() }.authorization());
    let real = "ecm.tencentcloudapi.com";
    let service = V3 { service: "cvm", headers: vec![JSON, ("host", real)], ..right() };
    let service = Call::post(&service.authorization()).header("Host", real);
    let hash = "0".repeat(64);
    let token = Call::post(
        &V3 { headers: vec![JSON, ("host", HOST), ("x-tc-token", TOKEN)], ..right() }
            .authorization(),
    );
    vec![
        (AuthorizationMalformed, "`AWS4-HMAC-SHA256`", written("TC3-", "AWS4-")),
        (AuthorizationMalformed, "must begin with `TC3-HMAC-SHA256`", Call::post(KEY)),
        (AuthorizationMalformed, "`Credential=", written("tc3_request", "aws4_request")),
        (AuthorizationMalformed, "`Credential=", written("Credential", "credential")),
        (AuthorizationMalformed, "`Signature=`", written(", Signature", "; Signature")),
        (SignedHeadersInvalid, "`SignedHeaders=", written("SignedHeaders", "signedHeaders")),
        (SignedHeadersInvalid, "is `host`", written("content-type;host", "host")),
        (SignedHeadersInvalid, "no name twice", written(";host", ";host;host")),
        (ServiceOther, "that of `ecm`", service),
        (
            ContentHashOther,
            "X-TC-Content-SHA256 is `0000",
            Call::post(&header).header("X-TC-Content-SHA256", &hash),
        ),
        (SecretIdUnknown, "The nearest known SecretId is `other`", known("othr")),
        (SecretIdUnknown, "The nearest known SecretId is `team-*`", known("taem-one")),
        (SecretIdUnknown, "The known SecretIds are `other`, `me`, `team-*`.", known("AKIDxyz")),
        (SecretIdIsKey, "swapped", known(KEY)),
        (SecretIdWithSpace, "around it", known("me ")),
        (SecretIdWithSpace, "around it", known(" team-one")),
        (SecretIdIsKey, "swapped", known(TEAM_KEY)),
        (TokenNotNeeded, "Leave out `X-TC-Token`", token.header("X-TC-Token", TOKEN)),
    ]
}

pub(super) fn times() -> Vec<Case> {
    use Mistake::{
        DateLocal, DateMalformed, DateOther, TimestampLocal, TimestampNotInSeconds, TimestampOff,
        TimestampOther,
    };
    let dated = |date| Call::post(&V3 { date, ..right() }.authorization());
    let at = |timestamp: i64, date| {
        let call = Call::post(&V3 { timestamp, date, ..right() }.authorization());
        call.header("X-TC-Timestamp", &timestamp.to_string())
    };
    let signed = |timestamp: &str| {
        let text = right_string().replace(&NOW.to_string(), timestamp);
        with_string(&text)
    };
    // 23:00 UTC, which is the next day in Beijing.
    let night = NOW + 19 * 3600;
    vec![
        (
            DateLocal,
            "the date at UTC+8. It must be the UTC date of the timestamp, 2026-11-22",
            at(night, "2026-11-23").at(night),
        ),
        (DateLocal, "`2026-11-21`, the date at UTC-5", dated("2026-11-21")),
        (DateMalformed, "`20261122`", dated("20261122")),
        (DateMalformed, "`2026-1-22`", dated("2026-1-22")),
        (DateOther, "`2019-02-25`", dated("2019-02-25")),
        (
            TimestampNotInSeconds,
            "in milliseconds. It must be in seconds: 1795320000",
            at(NOW * 1000, "2026-11-22"),
        ),
        (TimestampNotInSeconds, "in microseconds", at(NOW * 1_000_000, "2026-11-22")),
        (TimestampNotInSeconds, "in nanoseconds", at(NOW * 1_000_000_000, "2026-11-22")),
        (TimestampLocal, "8 hours ahead of", at(NOW + 8 * 3600 + 7, "2026-11-22")),
        (TimestampLocal, "1 hour behind", at(NOW - 3600, "2026-11-22")),
        // The date is the clock's, not the timestamp's.
        (TimestampLocal, "5 hours behind", at(NOW - 5 * 3600, "2026-11-22")),
        (TimestampOff, "301 seconds ahead of", at(NOW + 301, "2026-11-22")),
        (TimestampOff, "reads 1795320000 (2026-11-22T04:00:00Z)", at(0, "1970-01-01")),
        (TimestampOther, "`1795320001`, but X-TC-Timestamp is `1795320000`", signed("1795320001")),
        (TimestampOther, "`1795348800`", signed("1795348800")),
        (TimestampOther, "`1795320000000`", signed("1795320000000")),
    ]
}

pub(super) fn keys() -> Vec<Case> {
    use Mistake::{
        KeyIsSecretId, KeyOfOther, KeyPrefix, KeyWithSpace, ScopeOtherDate, ScopeOtherService,
    };
    let keyed = |secret_key: &str| Call::post(&V3 { secret_key, ..right() }.authorization());
    // A key for one scope and a string to sign for another.
    let scoped = |key: V3, text: V3| {
        let text = text.string_to_sign(&sha256_hex(right().canonical_request()));
        Call::post(&right().header(&hex(&key.sign(&text))))
    };
    let tomorrow = || V3 { date: "2026-11-23", ..right() };
    let compact = || V3 { date: "20261122", ..right() };
    let other = || V3 { service: "cvm", ..right() };
    let team = V3 { secret_id: "team-one", secret_key: KEY, ..right() };
    let plain = right().sign_from(KEY, &right_string());
    vec![
        (KeyOfOther, "of the credential `other`, not with that of `me`", keyed(OTHER_KEY)),
        (KeyOfOther, "of the credential `team-*`", keyed(TEAM_KEY)),
        (KeyOfOther, "not with that of `team-*`", Call::post(&team.authorization())),
        (KeyWithSpace, "a newline after it", keyed(&format!("{KEY}\n"))),
        (KeyWithSpace, "CR LF after it", keyed(&format!("{KEY}\r\n"))),
        (KeyWithSpace, "a space after it", keyed(&format!("{KEY} "))),
        (KeyWithSpace, "a space before it", keyed(&format!(" {KEY}"))),
        (KeyWithSpace, "has quotes around it", keyed(&format!("\"{KEY}\""))),
        (KeyIsSecretId, "the SecretId as the key", keyed("me")),
        (KeyPrefix, "lacks the prefix `TC3`", Call::post(&right().header(&hex(&plain)))),
        (ScopeOtherDate, "The key is for `2026-11-23/ecm`", scoped(tomorrow(), right())),
        (ScopeOtherDate, "The string to sign is for", scoped(right(), tomorrow())),
        (ScopeOtherDate, "The key and the string to sign are for", scoped(tomorrow(), tomorrow())),
        (ScopeOtherDate, "The key is for `20261122/ecm`", scoped(compact(), right())),
        (ScopeOtherService, "The key is for `2026-11-22/cvm`", scoped(other(), right())),
        (ScopeOtherService, "but Credential is for `2026-11-22/ecm`", scoped(other(), other())),
    ]
}

pub(super) fn bodies() -> Vec<Case> {
    use Mistake::{
        BodyLeftOut, BodyNewline, BodyNewlinesStripped, BodyRespelled, PayloadNotHashed,
        PayloadSigned, PayloadUnsigned,
    };
    let hash = "X-TC-Content-SHA256";
    let longer = with_body(BODY).body(&[BODY, b"\n"].concat());
    let get = V3 { method: "GET", query: "a=b", body: b"{}", ..right() };
    let other_spellings: [(&str, &str); 8] = [
        ("with a space after", r#"{"VpcId": "vpc-1", "HaVipName": "名/a<b"}"#),
        (
            "a space after `,` and `:`, non-ASCII",
            r#"{"VpcId": "vpc-1", "HaVipName": "\u540d/a<b"}"#,
        ),
        ("without spaces, non-ASCII escaped", r#"{"VpcId":"vpc-1","HaVipName":"\u540d/a<b"}"#),
        ("without spaces, keys sorted", r#"{"HaVipName":"名/a<b","VpcId":"vpc-1"}"#),
        ("`/` escaped", r#"{"VpcId":"vpc-1","HaVipName":"名\/a<b"}"#),
        ("non-ASCII and `/` escaped", r#"{"VpcId":"vpc-1","HaVipName":"\u540d\/a<b"}"#),
        ("`<`, `>` and `&` escaped", r#"{"VpcId":"vpc-1","HaVipName":"名/a\u003cb"}"#),
        ("indented by 2 spaces", "{\n  \"VpcId\": \"vpc-1\",\n  \"HaVipName\": \"名/a<b\"\n}"),
    ];
    let unhashed = |payload: &str| {
        let request = right().canonical_request();
        let (head, _) = request.rsplit_once('\n').unwrap();
        with_request(&format!("{head}\n{payload}"))
    };
    let file = "{\n  \"VpcId\": \"vpc-1\",\n  \"Vips\": [\n    \"a  b\"\n  ]\n}\n";
    let stripped =
        |file: &str| with_body(file.as_bytes()).body(file.replace(['\r', '\n'], "").as_bytes());
    let mut cases = vec![
        (BodyNewlinesStripped, "has 6 lines", stripped(file)),
        (BodyNewlinesStripped, "--data-binary @file", stripped(file.trim_end())),
        (BodyNewlinesStripped, "has 4 lines", stripped("{\n\"VpcId\": \"vpc-1\",\n\"a\": 1\n}\n")),
        (BodyNewlinesStripped, "has 6 lines", stripped(&file.replace('\n', "\r\n"))),
        (PayloadNotHashed, "ends in `UNSIGNED-PAYLOAD`", unhashed("UNSIGNED-PAYLOAD")),
        (
            PayloadNotHashed,
            "ends in `UNSIGNED-PAYLOAD`",
            unhashed("UNSIGNED-PAYLOAD").header(hash, "UNSIGNED-PAYLOAD"),
        ),
        (PayloadNotHashed, "the body itself", unhashed(str::from_utf8(BODY).unwrap())),
        (BodyNewline, "has an extra newline", with_body(&[BODY, b"\n"].concat())),
        (BodyNewline, "has an extra CR LF", with_body(&[BODY, b"\r\n"].concat())),
        (BodyNewline, "lacks the white space", longer),
        (BodyLeftOut, "is empty, not the body of this POST", with_body(b"")),
        (BodyLeftOut, "is `{}`", with_body(b"{}")),
        (BodyLeftOut, "the body of this GET", Call::get("/?a=b", &get.authorization())),
        (PayloadUnsigned, "that declares it is not sent", with_body(b"UNSIGNED-PAYLOAD")),
        (PayloadSigned, "declares it unsigned", with_body(BODY).header(hash, "UNSIGNED-PAYLOAD")),
        (
            BodyRespelled,
            "without spaces",
            with_body(br#"{"a":[1,2.5,null]}"#).body(b"{ \"a\" : [1, 2.5, null] }"),
        ),
    ];
    cases.extend(
        other_spellings.map(|(fact, body)| (BodyRespelled, fact, with_body(body.as_bytes()))),
    );
    cases
}

pub(super) fn content_types() -> Vec<Case> {
    use Mistake::{ContentTypeCharset, ContentTypeOther};
    let signed = |value| with_headers(&[("content-type", value), ("host", HOST)]);
    let sent = |value: &str| with_headers(&right().headers).header("Content-Type", value);
    vec![
        (
            ContentTypeCharset,
            "is `application/json; charset=utf-8`, but",
            signed("application/json; charset=utf-8"),
        ),
        (ContentTypeCharset, "charset=UTF-8", signed("application/json; charset=UTF-8")),
        (
            ContentTypeCharset,
            "`application/json;charset=utf-8`",
            signed("application/json;charset=utf-8"),
        ),
        (
            ContentTypeCharset,
            "that is sent is `application/json; charset=UTF-8`",
            sent("application/json; charset=UTF-8"),
        ),
        (ContentTypeOther, "sent is `text/plain`", sent("text/plain")),
        (
            ContentTypeOther,
            "is `application/x-www-form-urlencoded`",
            signed("application/x-www-form-urlencoded"),
        ),
        (ContentTypeOther, "is empty", signed("")),
    ]
}

pub(super) fn queries() -> Vec<Case> {
    use Mistake::{QueryLeftOut, QueryOfPost, QueryRespelled};
    let sent = "b=x%20y*~%2F&a=%E5%90%8D";
    let signed = |query: &str, sent: &str| {
        let signer = V3 { method: "GET", query, body: b"", ..right() };
        Call::get(&format!("/?{sent}"), &signer.authorization())
    };
    let post = V3 { query: "a=b", ..right() };
    vec![
        (QueryLeftOut, "is not signed", signed("", sent)),
        (QueryOfPost, "query of a POST", Call::post(&post.authorization()).target("/?a=b")),
        (QueryRespelled, "(sorted)", signed("a=%E5%90%8D&b=x%20y*~%2F", sent)),
        (QueryRespelled, "with a `?`", signed(&format!("?{sent}"), sent)),
        (QueryRespelled, "`+` for `%20`", signed("b=x+y*~%2F&a=%E5%90%8D", sent)),
        (QueryRespelled, "`%20` for `+`", signed("b=x%20y*", "b=x+y*")),
        (QueryRespelled, "(decoded)", signed("b=x y*~/&a=名", sent)),
        (QueryRespelled, "RFC 3986", signed("b=x%20y%2A~%2F&a=%E5%90%8D", sent)),
        (QueryRespelled, "RFC 3986, sorted", signed("a=%E5%90%8D&b=x%20y%2A~%2F", sent)),
        (QueryRespelled, "quote_plus", signed("b=x+y%2A~%2F&a=%E5%90%8D", sent)),
        (QueryRespelled, "Java's URLEncoder", signed("b=x+y*%7E%2F&a=%E5%90%8D", sent)),
        (QueryRespelled, "WebUtility", signed("b=x%7Ey+(z)!", "b=x~y+(z)!")),
        (QueryRespelled, "encodeURIComponent", signed("b=x%20y*~%2F", "b=x+y%2a~/")),
    ]
}

/// The first lines of a canonical request.
pub(super) fn lines() -> Vec<Case> {
    use Mistake::{MethodInLowerCase, MethodOther, PathOther};
    let signed = |method| Call::post(&V3 { method, ..right() }.authorization());
    let path = |path: &str| {
        let signed = right().canonical_request().replacen("\n/\n", &format!("\n{path}\n"), 1);
        with_request(&signed)
    };
    vec![
        (MethodInLowerCase, "is `post`", signed("post")),
        (MethodOther, "is `GET`. Sign it as `POST`", signed("GET")),
        (PathOther, "is empty", path("")),
        (PathOther, "`/base`. It must be `/`", path("/base").target("/base")),
        (PathOther, "`/base?or=query`", path("/base?or=query").target("/base?or=query")),
    ]
}

pub(super) fn names() -> Vec<Case> {
    use Mistake::{HeaderNotSent, HeadersUnsorted, NamesNotLowerCased, ValueNotLowerCased};
    let [json, host, action] = THREE;
    let raised = ("x-tc-action", "CreateHaVip");
    let language = |value| ("x-tc-language", value);
    let bilingual = |headers: &[(&'static str, &'static str)]| {
        with_headers(headers).header("X-TC-Language", "zh-CN")
    };
    let train = [("Content-Type", json.1), ("Host", HOST), ("X-TC-Action", action.1)];
    // The headers are in one order and their names in another.
    let (sorted, unsorted) = (right(), V3 { headers: vec![host, json], ..right() });
    let text = unsorted.canonical_request().replace("host;content-type", "content-type;host");
    let halfway = with_request(&text);
    let text = V3 { headers: train[..2].to_vec(), ..right() }.canonical_request();
    let (in_both, in_headers) = (
        with_request(&text),
        with_request(&text.replace("Content-Type;Host", "content-type;host")),
    );
    assert!(sorted.canonical_request().contains("content-type;host"));
    vec![
        (
            ValueNotLowerCased,
            "`x-tc-action` is not in lower case. Sign it as `createhavip`",
            with_headers(&[json, host, raised]),
        ),
        (
            ValueNotLowerCased,
            "`x-tc-language`",
            bilingual(&[json, host, action, language("zh-CN")]),
        ),
        (ValueNotLowerCased, "`x-tc-action`", bilingual(&[json, host, raised, language("zh-CN")])),
        (HeadersUnsorted, "SignedHeaders is `host;content-type`", with_headers(&[host, json])),
        (HeadersUnsorted, "`x-tc-action;host;content-type`", with_headers(&[action, host, json])),
        (HeadersUnsorted, "in the canonical headers only", halfway),
        (NamesNotLowerCased, "`Content-Type`", with_headers(&train)),
        (NamesNotLowerCased, "`Content-Type`", in_both),
        (NamesNotLowerCased, "`Content-Type`", in_headers),
        (HeaderNotSent, "has `x-more`", with_headers(&[json, host, ("x-more", "1")])),
    ]
}

pub(super) fn layouts() -> Vec<Case> {
    use Mistake::{
        BlankLineLeftOut, CarriageReturns, HashInUpperCase, RequestEndsInNewline, RequestNotHashed,
        StringEndsInNewline,
    };
    let request = right().canonical_request();
    let carried = |text: &str| text.replace('\n', "\r\n");
    let upper = |text: &str| sha256_hex(text).to_uppercase();
    let payload_upper = request.replace(&sha256_hex(BODY), &sha256_hex(BODY).to_uppercase());
    vec![
        (RequestEndsInNewline, "canonical request", with_request(&format!("{request}\n"))),
        (StringEndsInNewline, "string to sign", with_string(&format!("{}\n", right_string()))),
        (CarriageReturns, "of the canonical request", with_request(&carried(&request))),
        (
            CarriageReturns,
            "and the string to sign",
            with_string(&carried(&right().string_to_sign(&sha256_hex(carried(&request))))),
        ),
        (
            BlankLineLeftOut,
            "no blank line",
            with_request(&request.replace("\n\nc", "\nc").replacen("\nc", "\n\nc", 1)),
        ),
        (RequestNotHashed, "canonical request itself", with_digest(&request)),
        (HashInUpperCase, "of the canonical request", with_digest(&upper(&request))),
        (HashInUpperCase, "of the body is", with_request(&payload_upper)),
        (HashInUpperCase, "the body and the canonical", with_digest(&upper(&payload_upper))),
    ]
}

pub(super) fn signatures() -> Vec<Case> {
    use Mistake::{SignatureInBase64, SignatureInUpperCase, SignatureMalformed};
    let signature = right().sign(&right_string());
    let digits = hex(&signature);
    let written = |text: &str| Call::post(&right().header(text));
    vec![
        (SignatureInUpperCase, "upper-case hex", written(&digits.to_uppercase())),
        (SignatureInBase64, "in base64", written(&BASE64_STANDARD.encode(&signature))),
        (SignatureMalformed, "63 characters", written(&digits[1..])),
        (SignatureMalformed, "64 digits of lower-case hex", written("nonsense")),
    ]
}
