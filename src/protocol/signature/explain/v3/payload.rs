//! Mistakes in what is signed of a body or a query.

use super::{
    super::{Diagnosis, Mistake, json, query, shown},
    Call, Trials, v3,
};

/// Bodies that are signed instead of the one that is sent.
const OTHER_BODIES: [&str; 3] = ["", "{}", "null"];
/// Larger bodies are not tried with another end.
const ENDED_BYTES_MAX: usize = 256 * 1024;

/// Other bodies, and none.
pub(super) fn wrong_payload<'a>(call: &Call<'a>) -> Trials<'a> {
    let request = call.case.request;
    let is_unsigned = v3::stated_hash(request.head) == Some(v3::UNSIGNED_PAYLOAD);
    let told = |mistake, text: &str, body: &[u8]| {
        let diagnosis = Diagnosis::new(mistake, text);
        call.claim.but(diagnosis, |it| it.draft.payload_hash = v3::hash(body))
    };
    if is_unsigned {
        let text = "The body is signed, and X-TC-Content-SHA256 says that it is not. Do not send that header, or sign `UNSIGNED-PAYLOAD`.";
        return vec![told(Mistake::PayloadSigned, text, request.body)];
    }
    let text = "The payload is signed as `UNSIGNED-PAYLOAD`, and the header X-TC-Content-SHA256 that says so is not sent.";
    let mut trials = vec![told(Mistake::PayloadUnsigned, text, v3::UNSIGNED_PAYLOAD.as_bytes())];
    trials.extend(ended_otherwise(call));
    for other in OTHER_BODIES {
        let text = format!(
            "The signed body is {}, and not that of this {}. A POST signs the bytes that are sent, a GET none.",
            shown(other),
            request.head.method,
        );
        trials.push(told(Mistake::BodyLeftOut, &text, other.as_bytes()));
    }
    trials
}

fn ended_otherwise<'a>(call: &Call<'a>) -> Trials<'a> {
    let body = call.case.request.body;
    if body.len() > ENDED_BYTES_MAX {
        return Vec::new();
    }
    [
        ("has a newline more than", [body, b"\n"].concat()),
        ("has CR LF more than", [body, b"\r\n"].concat()),
        ("lacks the white space after", body.trim_ascii_end().to_vec()),
    ]
    .map(|(what, body)| {
        let text =
            format!("The signed body {what} the one that is sent. Sign the bytes that are sent.");
        let diagnosis = Diagnosis::new(Mistake::BodyNewline, text);
        call.claim.but(diagnosis, |it| it.draft.payload_hash = v3::hash(body))
    })
    .into()
}

/// The same JSON in other spellings.
pub(super) fn respelled_body<'a>(call: &Call<'a>) -> Trials<'a> {
    json::respelled(call.case.request.body)
        .into_iter()
        .map(|(how, body)| {
            let text = format!(
                "The signed body is the same JSON written in another way ({how}). Write it once, and sign and send those bytes."
            );
            let diagnosis = Diagnosis::new(Mistake::BodyRespelled, text);
            call.claim.but(diagnosis, |it| it.draft.payload_hash = v3::hash(body))
        })
        .collect()
}

/// The query in other spellings, and none.
pub(super) fn wrong_query<'a>(call: &Call<'a>) -> Trials<'a> {
    let request = call.case.request;
    let raw = request.head.query();
    let told = |mistake, text: &str, query: String| {
        call.claim.but(Diagnosis::new(mistake, text), |it| it.draft.query = query.into())
    };
    if raw.is_empty() {
        return Vec::new();
    }
    if request.head.method != axum::http::Method::GET {
        let text =
            "The query of a POST is signed. The third line of its canonical request must be empty.";
        return vec![told(Mistake::QueryOfPost, text, raw.to_owned())];
    }
    let text = "The query of a GET is not signed. Sign it as it is sent, after the `?`.";
    let mut trials = vec![told(Mistake::QueryLeftOut, text, String::new())];
    trials.extend(query::respelled(raw, &request.pairs).into_iter().map(|(how, query)| {
        let text =
            format!("The query is signed in another spelling ({how}). Sign it as it is sent.");
        told(Mistake::QueryRespelled, &text, query)
    }));
    trials
}
