//! A checked call and its response.

use std::{
    borrow::Cow,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use axum::http::HeaderValue;
use chrono::{DateTime, Utc};
use tracing::Level;
use uuid::Uuid;

use crate::{
    control::{
        accounts::{AccountState, BegunCall},
        clock::Stopwatch,
        faults::{Connection, Effect, FaultHit},
        journal::{
            Entry,
            entry::{Notes, OK, Signature},
            kept::KeptRequest,
        },
        offload::{self, Unfinished},
        persistence::CallSource,
    },
    ecm::{Store, store::Created},
    protocol::{
        ApiError, Context, Language, TraceId,
        action::{Call, Output, ResolvedAction},
        envelope,
        refusal::codes,
        request::Request,
        secret::{KnownKeys, Shown},
        signature,
        text::{Cut, prefix},
    },
};

use super::{Accepted, Gateway};

/// Placeholder for a missing or unknown action, and for a missing code.
const NONE: &str = "-";
/// Label in the metrics for undocumented codes of faults.
const FORCED: &str = "forced";
/// Maximum length of a logged action name, in characters. Clients may send any string.
const LOGGED_ACTION_CHARS_MAX: usize = 64;
/// Maximum length of a logged error message, in characters.
const LOGGED_MESSAGE_CHARS_MAX: usize = 240;
/// Maximum length of a message in the journal, in characters. Faults may have any message.
const MESSAGE_CHARS_MAX: usize = 4096;

/// A call that has been checked but has not run.
pub(super) struct Pending {
    /// Name of the account.
    account: Arc<str>,
    /// The account's state on arrival of the call. The call runs in it even after a reset.
    pub(super) state: Arc<AccountState>,
    pub(super) request_id: Uuid,
    /// The account's time on arrival of the call.
    pub(super) time: DateTime<Utc>,
    language: Language,
    /// `X-TC-TraceId`.
    pub(super) tc_trace_id: Option<HeaderValue>,
    /// Trace of the `traceparent` header.
    trace: Option<TraceId>,
    request: KeptRequest,
    /// The action, if it exists.
    pub(super) action: Option<ResolvedAction<Store>>,
    pub(super) signature: Signature,
    /// Whether the signature is still to be explained.
    pub(super) is_unexplained: bool,
    /// Warnings about the SecretId and the client, for the log and the journal.
    warning: Option<String>,
    /// Keys to mask in messages.
    keys: KnownKeys,
    /// The call to run, or the error of a check.
    call: Result<Box<dyn Call<Store>>, ApiError>,
    /// The call as the account's log keeps it, if there is a log.
    source: Option<CallSource>,
    fault: Option<FaultHit>,
    /// Code of the call itself, if a fault rule is applied and the call ran.
    pub(super) own_code: Option<Cow<'static, str>>,
    /// Resources that the call has created.
    created: Created,
}

impl Pending {
    /// Creates a call without a parsed request. It ends as an internal error.
    pub(super) fn new(begun: BegunCall) -> Self {
        let BegunCall { account, state, request_id } = begun;
        Self {
            account,
            time: state.clock.now(),
            state,
            request_id,
            language: Language::default(),
            tc_trace_id: None,
            trace: None,
            request: KeptRequest::default(),
            action: None,
            signature: Signature::default(),
            is_unexplained: false,
            warning: None,
            keys: KnownKeys::default(),
            call: Err(codes::INTERNAL_ERROR.into()),
            source: None,
            fault: None,
            own_code: None,
            created: Created::default(),
        }
    }

    /// Creates a call from its request.
    pub(super) fn of(
        begun: BegunCall,
        warning: Option<String>,
        request: &Request<'_>,
        keys: &KnownKeys,
    ) -> Self {
        let call = Self::new(begun);
        Self {
            language: request.language(),
            tc_trace_id: request.tc_trace_id().cloned(),
            trace: request.trace(),
            request: KeptRequest::of(request, keys, &call.state.journal),
            warning,
            keys: keys.clone(),
            signature: Signature { scheme: signature::scheme(request), ..Signature::default() },
            ..call
        }
    }

    /// Sets the outcome of the checks.
    pub(super) fn set(&mut self, passed: Result<Accepted, ApiError>) {
        (self.call, self.source, self.fault) = match passed {
            Ok(Accepted { call, source, fault }) => (call, source, fault),
            Err(error) => (Err(error), None, None),
        };
    }

    /// Returns the fault to apply.
    pub(super) const fn fault(&self) -> Option<&FaultHit> {
        self.fault.as_ref()
    }

    /// Whether the call needs [`offload::run_busy`].
    fn is_busy(&self) -> bool {
        self.call.as_ref().is_ok_and(|call| call.is_long() && call.only_reads())
    }

    /// Runs the call if it takes only microseconds. A call that is long or has to wait is left to
    /// [`Pending::run`].
    pub(super) fn try_run(&mut self) -> Option<Answer> {
        let call = self.take_call();
        let attempt = || match call {
            Ok(call) => {
                let cx = Context { now: self.time, request_id: self.request_id };
                let tried = self.state.try_run(call, &cx, self.source.as_ref());
                tried.map(|outcome| outcome.map(|it| body(it, self.request_id)))
            }
            Err(error) => Ok(Err(error)),
        };
        match catch_unwind(AssertUnwindSafe(attempt)) {
            Ok(Ok(outcome)) => Some(self.envelope(outcome)),
            Ok(Err(call)) => {
                self.call = Ok(call);
                None
            }
            Err(_) => Some(self.envelope(Err(codes::INTERNAL_ERROR.into()))),
        }
    }

    /// Runs the call, once. A panic is an internal error, and the account stays usable.
    pub(super) fn run(&mut self) -> Answer {
        let call = self.take_call();
        let run = || {
            let ran = self.state.run(call?, self.request_id, self.source.as_ref());
            Ok(body(ran?, self.request_id))
        };
        let outcome = catch_unwind(AssertUnwindSafe(run));
        self.envelope(outcome.unwrap_or_else(|_| Err(codes::INTERNAL_ERROR.into())))
    }

    /// Takes the call, and leaves an internal error in its place.
    fn take_call(&mut self) -> Result<Box<dyn Call<Store>>, ApiError> {
        std::mem::replace(&mut self.call, Err(codes::INTERNAL_ERROR.into()))
    }

    fn envelope(&mut self, outcome: Result<(Vec<u8>, Created), ApiError>) -> Answer {
        match outcome {
            Ok((body, created)) => {
                self.created = created;
                Answer { code: Cow::Borrowed(OK), message: None, english: None, body }
            }
            Err(error) => self.failure(&error),
        }
    }

    /// Returns the response for an error.
    pub(super) fn failure(&self, error: &ApiError) -> Answer {
        let message = |language| self.keys.mask(error.message.in_language(language)).into_owned();
        let answer = self.forced(Cow::Borrowed(error.code.as_str()), message(self.language));
        let is_translated = self.language != Language::English && tracing::enabled!(Level::INFO);
        Answer { english: is_translated.then(|| message(Language::English)), ..answer }
    }

    /// Returns the response for an error with any code.
    pub(super) fn forced(&self, code: Cow<'static, str>, message: String) -> Answer {
        let body = envelope::failure(&code, &message, self.request_id);
        Answer { code, message: Some(message), english: None, body }
    }

    /// Records the call in the log, the metrics, and the account's journal.
    ///
    /// A call is recorded before its response is sent, so that a client with the response finds it.
    pub(super) fn record(self, gateway: &Gateway, answer: Option<&Answer>, stopwatch: Stopwatch) {
        let duration = stopwatch.elapsed();
        let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let code = answer.map(|it| it.code.clone());
        let message = |text: &str| Shown::new(text, MESSAGE_CHARS_MAX, &self.keys);
        self.log(answer, duration_us);
        let counted = match &code {
            Some(Cow::Borrowed(code)) => code,
            Some(Cow::Owned(_)) => FORCED,
            None => NONE,
        };
        let action = self.action.map(|it| (it.index, it.model.name));
        gateway.metrics.count(action, counted, duration);
        if self.state.take_log_large() {
            let state = Arc::clone(&self.state);
            _ = thread::Builder::new().name("compact".into()).spawn(move || state.compact_log());
        }
        self.state.journal.add(Entry {
            sequence: 0,
            time: self.time,
            account: self.account,
            request: self.request,
            known_action: self.action.map(|it| it.model.name),
            code,
            request_id: self.request_id,
            duration_us,
            signature: self.signature,
            created: self.created,
            notes: Notes {
                message: answer.and_then(|it| it.message.as_deref()).map(message),
                warning: self.warning,
                fault_id: self.fault.map(|it| it.id),
                trace_id: self.trace,
                own_code: self.own_code,
            }
            .some(),
        });
    }

    fn log(&self, answer: Option<&Answer>, duration_us: u64) {
        if !tracing::enabled!(Level::INFO) {
            return;
        }
        // Most calls name an action that exists. Only another name has to be read.
        let other =
            if self.action.is_none() { self.request.summary().action.clone() } else { None };
        let named = self.action.map(|it| it.model.name).or(other.as_deref());
        let named = named.map(|it| prefix(it, LOGGED_ACTION_CHARS_MAX));
        let action = named.unwrap_or(NONE);
        let code = answer.map_or(NONE, |answer| &answer.code);
        let mut buffer = Uuid::encode_buffer();
        let request_id = &*self.request_id.hyphenated().encode_lower(&mut buffer);
        let account = &*self.account;
        let warning = self.warning.as_deref();
        let mut digits = [0; 32];
        let trace = self.trace.map(|it| it.encode(&mut digits));
        let fault = self.fault.as_ref().map(|fault| &*fault.id);
        let effect = self.fault.as_ref().map(|fault| fault.rule.effect());
        let message =
            LogMessage { action: named, effect, code, message: answer.and_then(Answer::english) };
        tracing::info!(
            action,
            account,
            code,
            request_id,
            duration_us,
            fault,
            warning,
            trace,
            "{message}"
        );
    }
}

/// Serializes the response of a call that has run.
fn body(
    (output, created): (Box<dyn Output<Store>>, Created),
    request_id: Uuid,
) -> (Vec<u8>, Created) {
    (output.body(request_id), created)
}

/// Message of a logged call, for example `CreateHaVip -> OK`.
struct LogMessage<'a> {
    action: Option<&'a str>,
    effect: Option<Effect<'a>>,
    code: &'a str,
    message: Option<&'a str>,
}

impl fmt::Display for LogMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            None => f.write_str("(no action) -> ")?,
            Some(action) => write!(f, "{} -> ", Word(action))?,
        }
        match self.effect {
            Some(Effect::Http(answer)) => write!(f, "HTTP {}", answer.status),
            Some(Effect::Connection(Connection::Reset)) => f.write_str("connection reset"),
            Some(Effect::Connection(Connection::Close)) => f.write_str("connection closed"),
            Some(Effect::Connection(Connection::Hang)) => f.write_str("no response"),
            Some(Effect::Connection(Connection::Truncate)) => f.write_str("truncated response"),
            Some(Effect::Late | Effect::Error(_)) | None => {
                Word(self.code).fmt(f)?;
                match self.message {
                    None | Some("") => Ok(()),
                    Some(message) => write!(f, ": {}", Cut(message, LOGGED_MESSAGE_CHARS_MAX)),
                }
            }
        }
    }
}

/// A name, quoted if a client could confuse it with the text around it.
struct Word<'a>(&'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !self.0.is_empty() && self.0.chars().all(is_plain) {
            f.write_str(self.0)
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

/// Runs a call that [`Pending::try_run`] has left, and then `then`, on another thread.
///
/// A call that changes state runs even if this future is dropped because its client disconnects.
pub(super) async fn run<T: Send + 'static>(
    mut call: Pending,
    then: impl FnOnce(Pending, Answer) -> T + Send + 'static,
) -> Result<T, Unfinished> {
    let (is_busy, state) = (call.is_busy(), Arc::clone(&call.state));
    let run = move || {
        let answer = call.run();
        then(call, answer)
    };
    if is_busy {
        return offload::run_busy(run).await;
    }
    let waiting = async move {
        state.pause_ended().await;
        offload::run(run).await
    };
    tokio::spawn(waiting).await?
}

/// The response to a call.
pub(super) struct Answer {
    /// `OK`, or the error's code.
    pub(super) code: Cow<'static, str>,
    /// The error's message.
    pub(super) message: Option<String>,
    /// The error's message in English, for the log, if `message` may be in another language.
    english: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The error's message in English.
    fn english(&self) -> Option<&str> {
        self.english.as_deref().or(self.message.as_deref())
    }
}
