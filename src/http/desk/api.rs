//! What an operator does at the page, as JSON. Everything is refused that is not theirs, or is over.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Told, json};
use tracing::error;

use super::DeskState;
use super::snapshot::Known;
use crate::call::{CallId, Field, Type, Value, ValueRecord};
use crate::desk::accounts::Person;
use crate::desk::work::{self, Goes, TicketState, Work};
use crate::lookup;
use crate::store::queue::{CalledBack, Presence};
use crate::store::{CallKey, OutKind};

/// Why operators are away, as words.
const REASONS: &[&str] = &["break", "lunch", "training", "paperwork"];
/// By how much a wrap-up is made longer at once.
const MORE: Duration = Duration::from_mins(1);

pub(super) fn routes() -> Router<DeskState> {
    Router::new()
        .route("/desk/api/state", get(state))
        .route("/desk/api/presence", post(presence))
        .route("/desk/api/wrap-up", post(wrap_up))
        .route("/desk/api/calls/{no}/decline", post(decline))
        .route("/desk/api/calls/{no}/note", post(note))
        .route("/desk/api/calls/{no}/look", post(look))
        .route("/desk/api/calls/{no}/reveal", post(reveal))
        .route("/desk/api/calls/{no}/transfer", post(transfer))
        .route("/desk/api/calls/{no}/called", post(called))
        .route("/desk/api/tickets/{reference}", post(change_ticket))
        .route("/desk/api/tickets/{reference}/take", post(take_ticket))
        .route("/desk/api/tickets/{reference}/open", post(open_ticket))
}

/// Why something was not done.
pub(super) struct Refused(work::Error);

impl<E: Into<work::Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, word) = match self.0 {
            work::Error::Over => (StatusCode::CONFLICT, "over"),
            work::Error::None => (StatusCode::NOT_FOUND, "none"),
            work::Error::Refused(word) => (StatusCode::UNPROCESSABLE_ENTITY, word),
            failed @ (work::Error::Read(_)
            | work::Error::Store(_)
            | work::Error::Sealed(_)
            | work::Error::Lookup(_)) => {
                error!("something could not be done at a desk: {:#}", anyhow::Error::from(failed));
                (StatusCode::SERVICE_UNAVAILABLE, "failed")
            }
        };
        (status, NO_STORE, Json(json!({ "error": word }))).into_response()
    }
}

const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

type Done = Result<Response, Refused>;

#[allow(clippy::unnecessary_wraps, reason = "how handlers end")]
fn told(what: impl Serialize) -> Done {
    Ok((NO_STORE, Json(what)).into_response())
}

fn done() -> Done {
    told(json!({}))
}

/// Whether it was done; if not, it was too late.
fn in_time(done_in_time: bool) -> Done {
    if done_in_time { done() } else { Err(work::Error::Over.into()) }
}

impl DeskState {
    /// The key of a call whose data somebody may read or write.
    async fn key(&self, call: CallId) -> Result<CallKey, work::Error> {
        match self.service.key_of(call).await {
            Ok(key) => key.ok_or(work::Error::None),
            Err(failed) => {
                error!(call.id = %call, "the key of a call cannot be had: {:#}", anyhow::Error::from(failed));
                Err(work::Error::None)
            }
        }
    }
}

async fn state(person: Person, State(desk): State<DeskState>) -> Done {
    told(desk.snapshot(&person, &mut Known::default()).await?)
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
enum ToBe {
    Available,
    Away { reason: String },
    Offline,
}

async fn presence(person: Person, State(desk): State<DeskState>, Json(to_be): Json<ToBe>) -> Done {
    let next = match to_be {
        ToBe::Available => Presence::Available,
        ToBe::Away { reason } if REASONS.contains(&reason.as_str()) => Presence::Away(reason),
        ToBe::Away { .. } => return Err(work::Error::None.into()),
        ToBe::Offline => Presence::Offline,
    };
    let now = desk.clock.now();
    if desk.database.set_presence(person.no, next, now).await? {
        desk.database.keep_seen(person.no, now).await?;
        done()
    } else {
        Err(work::Error::Refused("not-now").into())
    }
}

#[derive(Deserialize)]
#[serde(tag = "does", rename_all = "kebab-case")]
enum WrapUp {
    Finish,
    Extend,
}

async fn wrap_up(person: Person, State(desk): State<DeskState>, Json(wrap_up): Json<WrapUp>) -> Done {
    let now = desk.clock.now();
    let presence = work::presence(&desk.database, person.no).await?;
    if presence.is_none_or(|presence| presence.state != "wrap-up") {
        return Err(work::Error::Over.into());
    }
    in_time(match wrap_up {
        WrapUp::Finish => desk.database.set_presence(person.no, Presence::Available, now).await?,
        WrapUp::Extend => desk.database.extend_wrap_up(person.no, MORE, now).await?,
    })
}

async fn decline(person: Person, State(desk): State<DeskState>, Path(no): Path<i64>) -> Done {
    in_time(desk.database.decline(person.no, no, desk.clock.now()).await?)
}

#[derive(Deserialize)]
struct Contact {
    result: String,
    note: String,
}

async fn note(
    person: Person,
    State(desk): State<DeskState>,
    Path(no): Path<i64>,
    Json(Contact { result, note }): Json<Contact>,
) -> Done {
    let key = desk.key(Work::on(&desk.database, person.no, no).await?.call).await?;
    let written = (no, result.as_str(), note.as_str());
    work::write_contact(&desk.database, &desk.worker(&person), written, &key, desk.clock.now()).await?;
    done()
}

#[derive(Deserialize)]
struct Look {
    lookup: String,
}

async fn look(
    person: Person,
    State(desk): State<DeskState>,
    Path(no): Path<i64>,
    Json(Look { lookup }): Json<Look>,
) -> Done {
    let line = Work::talking(&desk.database, person.no, no).await?.line;
    let (_, zone) = desk.service.place(&line).ok_or(work::Error::None)?;
    let wanted = (no, lookup.as_str());
    let answer = work::look(&desk.database, &desk.worker(&person), wanted, &zone, desk.clock.now()).await?;
    let known = lookup::ALL.iter().find(|known| known.signature.name == lookup);
    let types = known.map(|known| known.signature.answer(answer.outcome)).unwrap_or_default();
    let fields = desk.fields(&line, types, &answer.values);
    told(json!({ "outcome": answer.outcome, "fields": fields }))
}

impl DeskState {
    /// Values by name, in the order of their type, words in every language.
    fn fields(&self, line: &str, types: &[Field], values: &ValueRecord) -> Vec<(String, Told)> {
        let field = |field: &Field| {
            let value = values.get(field.name)?;
            Some((field.name.to_owned(), self.value(line, &field.of, value)))
        };
        types.iter().filter_map(field).collect()
    }

    fn value(&self, line: &str, of: &Type, value: &Value) -> Told {
        match (of, value) {
            (Type::Word { set, .. }, Value::Word(word)) => {
                let words = self.service.in_languages(line, &format!("word.{set}.{word}"));
                if words.is_empty() { json!({ "word": format!("{set}.{word}") }) } else { json!({ "words": words }) }
            }
            (Type::Record(fields), Value::Record(record)) => json!(self.fields(line, fields, record)),
            (Type::List(of), Value::List(items)) => {
                json!({ "list": items.iter().map(|item| self.value(line, of, item)).collect::<Vec<_>>() })
            }
            (_, value) => json!(value),
        }
    }
}

#[derive(Deserialize)]
struct Reveal {
    field: String,
    reason: String,
}

async fn reveal(
    person: Person,
    State(desk): State<DeskState>,
    Path(no): Path<i64>,
    Json(Reveal { field, reason }): Json<Reveal>,
) -> Done {
    let asked = (field.as_str(), reason.as_str());
    let shown = work::reveal(&desk.database, &desk.worker(&person), no, asked, desk.clock.now()).await?;
    told(json!({ "shown": shown }))
}

#[derive(Deserialize)]
struct Transfer {
    /// Where to; nothing takes it back.
    to: Option<To>,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum To {
    Operator(String),
    Queue(String),
}

async fn transfer(
    person: Person,
    State(desk): State<DeskState>,
    Path(no): Path<i64>,
    Json(Transfer { to, note }): Json<Transfer>,
) -> Done {
    let work = Work::talking(&desk.database, person.no, no).await?;
    let goes = match to {
        Some(To::Operator(number)) => Some(Goes::Operator(number)),
        Some(To::Queue(queue)) => {
            let queues = desk.service.place(&work.line).map(|(queues, _)| queues).unwrap_or_default();
            if !queues.iter().any(|known| known.as_str() == queue) {
                return Err(work::Error::None.into());
            }
            Some(Goes::Queue(queue))
        }
        None => None,
    };
    let key = desk.key(work.call).await?;
    let goes = goes.map(|goes| (goes, note.as_str()));
    work::transfer(&desk.database, &desk.worker(&person), no, goes, &key, desk.clock.now()).await?;
    done()
}

#[derive(Deserialize)]
struct Called {
    result: CalledTold,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CalledTold {
    Calling,
    Reached,
    NotReached,
}

async fn called(
    person: Person,
    State(desk): State<DeskState>,
    Path(no): Path<i64>,
    Json(Called { result }): Json<Called>,
) -> Done {
    let did = match result {
        CalledTold::Calling => CalledBack::Calling,
        CalledTold::Reached => CalledBack::Reached,
        CalledTold::NotReached => CalledBack::NotReached,
    };
    in_time(desk.database.called_back(person.no, no, did, desk.clock.now()).await?)
}

#[derive(Deserialize)]
struct TicketChange {
    state: String,
    #[serde(default)]
    note: String,
}

async fn change_ticket(
    person: Person,
    State(desk): State<DeskState>,
    Path(reference): Path<String>,
    Json(TicketChange { state, note }): Json<TicketChange>,
) -> Done {
    let worker = desk.worker(&person);
    let state = TicketState::parse(&state).ok_or(work::Error::None)?;
    let key = desk.key(work::ticket_call(&desk.database, &worker, &reference).await?).await?;
    let change = (state, note.as_str());
    work::change_ticket(&desk.database, &worker, &reference, change, &key, desk.clock.now()).await?;
    desk.database.ring_bell();
    done()
}

async fn take_ticket(person: Person, State(desk): State<DeskState>, Path(reference): Path<String>) -> Done {
    work::take_ticket(&desk.database, &desk.worker(&person), &reference, desk.clock.now()).await?;
    desk.database.ring_bell();
    done()
}

async fn open_ticket(person: Person, State(desk): State<DeskState>, Path(reference): Path<String>) -> Done {
    let worker = desk.worker(&person);
    let call = work::ticket_call(&desk.database, &worker, &reference).await?;
    let key = desk.key(call).await?;
    let opened = work::open_ticket(&desk.database, &worker, &reference, &key, desk.clock.now()).await?;
    let line = desk.service.lines().first().line.name.to_string();
    let topic = desk.topic(&line, &opened.ticket.subject);
    let sms = desk.database.last_outgoing(call, OutKind::Sms).await?.map(|(state, _)| state);
    let mut told_of = json!(opened);
    told_of.as_object_mut().map(|fields| fields.insert("sms".to_owned(), json!(sms)));
    if let Some(ticket) = told_of.get_mut("ticket").and_then(Told::as_object_mut) {
        ticket.insert("topic".to_owned(), json!(topic));
    }
    told(told_of)
}
