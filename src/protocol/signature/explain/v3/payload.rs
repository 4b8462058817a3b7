//! Mistakes in the signed body or query.

use super::{
    super::{Diagnosis, Mistake, json, query, shown},
    Call, Trials, v3,
};

/// Bodies that are signed instead of the one that is sent.
const OTHER_BODIES: [&str; 3] = ["", "{}", "null"];
/// Maximum size of a body that is tried without its hash, in bytes.
const UNHASHED_BYTES_MAX: usize = 16 * 1024;
/// Maximum size of a body that is tried with another ending, in bytes.
const ENDED_BYTES_MAX: usize = 256 * 1024;

/// Tries other bodies, and none.
pub(super) fn wrong_payload<'a>(call: &Call<'a>) -> Trials<'a> {
    let request = call.case.request;
    let is_unsigned = request.stated_hash() == Some(v3::UNSIGNED_PAYLOAD);
    let trial = |mistake, text: &str, body: &[u8]| {
        let diagnosis = Diagnosis::new(mistake, text);
        call.claim.but(diagnosis, |it| it.draft.payload_hash = v3::hash(body))
    };
    let unhashed = |text: &str, payload: &str| {
        call.claim.but(Diagnosis::new(Mistake::PayloadNotHashed, text), |it| {
            payload.clone_into(&mut it.draft.payload_hash);
        })
    };
    let text = "The canonical request ends in `UNSIGNED-PAYLOAD`. It must end in the SHA-256 of this text in hex.";
    let unhashed_text = unhashed(text, v3::UNSIGNED_PAYLOAD);
    if is_unsigned {
        let text = "The body is signed, but X-TC-Content-SHA256 declares it unsigned. Do not send that header, or sign `UNSIGNED-PAYLOAD`.";
        return vec![trial(Mistake::PayloadSigned, text, request.body), unhashed_text];
    }
    let text = "The payload is signed as `UNSIGNED-PAYLOAD`, but the header X-TC-Content-SHA256 that declares it is not sent.";
    let mut trials =
        vec![trial(Mistake::PayloadUnsigned, text, v3::UNSIGNED_PAYLOAD.as_bytes()), unhashed_text];
    if let Ok(body) = str::from_utf8(request.body)
        && body.len() <= UNHASHED_BYTES_MAX
    {
        let text = "The canonical request ends in the body itself. It must end in the SHA-256 of the body in hex.";
        trials.push(unhashed(text, body));
    }
    trials.extend(ended_otherwise(call));
    trials.extend(newlines_stripped(call));
    for other in OTHER_BODIES {
        let text = format!(
            "The signed body is {}, not the body of this {}. A POST signs the bytes that are sent, a GET none.",
            shown(other),
            request.head.method,
        );
        trials.push(trial(Mistake::BodyLeftOut, &text, other.as_bytes()));
    }
    trials
}

/// Tries the body with the newlines of a file, which `curl -d @file` strips.
fn newlines_stripped<'a>(call: &Call<'a>) -> Trials<'a> {
    let files = json::lines(call.case.request.body).into_iter().flat_map(|lines| {
        let ended = format!("{lines}\n");
        [lines.replace('\n', "\r\n"), ended.replace('\n', "\r\n"), lines, ended]
    });
    files
        .map(|file| {
            let text = format!(
                "The signed body has {} lines, but it is sent without newlines. `curl -d @file` strips them; use `--data-binary @file`.",
                file.lines().count()
            );
            let diagnosis = Diagnosis::new(Mistake::BodyNewlinesStripped, text);
            call.claim.but(diagnosis, |it| it.draft.payload_hash = v3::hash(file))
        })
        .collect()
}

fn ended_otherwise<'a>(call: &Call<'a>) -> Trials<'a> {
    let body = call.case.request.body;
    if body.len() > ENDED_BYTES_MAX {
        return Vec::new();
    }
    [
        ("has an extra newline compared with", [body, b"\n"].concat()),
        ("has an extra CR LF compared with", [body, b"\r\n"].concat()),
        ("lacks the white space at the end of", body.trim_ascii_end().to_vec()),
    ]
    .map(|(what, body)| {
        let text =
            format!("The signed body {what} the one that is sent. Sign the bytes that are sent.");
        let diagnosis = Diagnosis::new(Mistake::BodyNewline, text);
        call.claim.but(diagnosis, |it| it.draft.payload_hash = v3::hash(body))
    })
    .into()
}

/// Tries the same JSON in other spellings.
pub(super) fn respelled_body<'a>(call: &Call<'a>) -> Trials<'a> {
    json::respelled(call.case.request.body)
        .into_iter()
        .map(|(how, body)| {
            let text = format!(
                "The signed body is the same JSON, serialized differently ({how}). Serialize it once, then sign and send those bytes."
            );
            let diagnosis = Diagnosis::new(Mistake::BodyRespelled, text);
            call.claim.but(diagnosis, |it| it.draft.payload_hash = v3::hash(body))
        })
        .collect()
}

/// Tries the query in other spellings, and none.
pub(super) fn wrong_query<'a>(call: &Call<'a>) -> Trials<'a> {
    let request = call.case.request;
    let raw = request.head.query();
    let trial = |mistake, text: &str, query: String| {
        call.claim.but(Diagnosis::new(mistake, text), |it| it.draft.query = query.into())
    };
    if raw.is_empty() {
        return Vec::new();
    }
    if request.head.method != axum::http::Method::GET {
        let text =
            "The query of a POST is signed. The third line of its canonical request must be empty.";
        return vec![trial(Mistake::QueryOfPost, text, raw.to_owned())];
    }
    let text = "The query of a GET is not signed. Sign the text after the `?` as it is sent.";
    let mut trials = vec![trial(Mistake::QueryLeftOut, text, String::new())];
    trials.extend(query::respelled(raw, &request.pairs).into_iter().map(|(how, query)| {
        let text =
            format!("The query is signed in another spelling ({how}). Sign it as it is sent.");
        trial(Mistake::QueryRespelled, &text, query)
    }));
    trials
}
