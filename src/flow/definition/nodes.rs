//! A flow file and its nodes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Span;
use crate::call::RecordingKind;
use crate::yaml::At;

/// A map from a word to a node, a prompt or a value path, as its field says.
type Edges = At<BTreeMap<String, At<String>>>;

/// Some nodes of a line: of its main flow, or of one sub-flow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct FlowFile {
    /// The version of the format: 1.
    #[schemars(extend("const" = super::FORMAT))]
    pub format: At<u32>,
    /// The name of the sub-flow that this file is; a file without one is part of the main flow.
    #[serde(default)]
    pub flow: Option<At<String>>,
    /// Where the sub-flow begins.
    #[serde(default)]
    pub start: Option<At<String>>,
    /// The ways out of the sub-flow.
    #[serde(default)]
    pub exits: Option<At<Vec<At<String>>>>,
    pub nodes: At<BTreeMap<String, At<NodeDefinition>>>,
}

/// A node: one state of the flow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(tag = "kind")]
#[allow(clippy::large_enum_variant, reason = "there are a few hundred of them, for as long as a line is read")]
pub enum NodeDefinition {
    Say(SayNode),
    Menu(MenuNode),
    Collect(CollectNode),
    Verify(VerifyNode),
    Lookup(LookupNode),
    Effect(EffectNode),
    Branch(BranchNode),
    Set(SetNode),
    Call(CallNode),
    Return(ReturnNode),
    Browse(BrowseNode),
    Record(RecordNode),
    Dial(DialNode),
    Queue(QueueNode),
    End(EndNode),
}

/// Says a prompt and goes on. It is heard within the next menu or collect, where any key stops it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct SayNode {
    pub prompt: At<String>,
    /// Where the prompt's values come from: placeholder -> value path.
    #[serde(default)]
    pub values: Option<Edges>,
    /// A record that has the placeholders which `values` does not name.
    #[serde(default)]
    pub from: Option<At<String>>,
    /// Say it in every language of the line, one after the other.
    #[serde(default)]
    pub every_language: Option<At<bool>>,
    /// Listen while it is said, before going on.
    #[serde(default)]
    pub listen: Option<At<Listening>>,
    pub next: At<String>,
}

/// How a prompt that listens by itself is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Listening {
    /// A notice: heard whole, or a key goes on and it is said once more as a plain prompt before what follows.
    Whole,
    /// A step of several: silence or `onward` goes on.
    Onward,
}

/// Says a prompt and takes one key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct MenuNode {
    pub prompt: At<String>,
    #[serde(default)]
    pub values: Option<Edges>,
    #[serde(default)]
    pub from: Option<At<String>>,
    #[serde(default)]
    pub every_language: Option<At<bool>>,
    /// Key -> node.
    pub keys: Edges,
    /// Where silence goes at once, instead of the ladder.
    #[serde(default)]
    pub silent: Option<At<String>>,
    /// Where the third silence or wrong key goes, instead of the line's.
    #[serde(default)]
    pub then: Option<At<String>>,
    #[serde(default)]
    pub first_key: Option<At<Span>>,
}

/// Says a prompt and takes digits up to `#`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct CollectNode {
    pub prompt: At<String>,
    #[serde(default)]
    pub values: Option<Edges>,
    #[serde(default)]
    pub from: Option<At<String>>,
    pub format: At<Format>,
    /// Taken out at the door: no flow, log or session ever holds it; only the next node can use it.
    #[serde(default)]
    pub secret: Option<At<bool>>,
    /// The name of the value; a secret has none.
    #[serde(default, rename = "as")]
    pub name: Option<At<String>>,
    pub next: At<String>,
    /// Said when what was keyed is not of the format.
    #[serde(default)]
    pub invalid: Option<At<String>>,
    /// Where a leading `*` goes; the nearest earlier menu or collect if it says nothing.
    #[serde(default)]
    pub left: Option<At<String>>,
    #[serde(default)]
    pub then: Option<At<String>>,
}

/// What a collect takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// 18 characters with a right check character, or the 15 digits of old numbers; `*` as the 18th is X.
    IdNumber,
    /// The last four of an identity number; `*` as the fourth is X.
    LastFour,
    /// The digits of a card number, 4 to 20.
    CardNumber,
    /// Six digits.
    Pin,
    /// `202603`.
    YearMonth,
    /// `2026`.
    Year,
    /// 3 to 20 digits.
    Phone,
    /// 1 to 32 digits.
    Free,
}

impl Format {
    /// What a caller keys: "an identity number".
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::IdNumber => "an identity number",
            Self::LastFour => "the end of an identity number",
            Self::CardNumber => "a card number",
            Self::Pin => "a PIN",
            Self::YearMonth => "a month",
            Self::Year => "a year",
            Self::Phone => "a telephone number",
            Self::Free => "digits",
        }
    }
}

/// Checks the PIN that the secret collect before it took.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct VerifyNode {
    /// The identity number; on the card path `card` and `last-four` instead.
    #[serde(default)]
    pub id: Option<At<String>>,
    #[serde(default)]
    pub card: Option<At<String>>,
    #[serde(default)]
    pub last_four: Option<At<String>>,
    /// Holds `left`, the tries that are left in this call.
    #[serde(rename = "as")]
    pub name: At<String>,
    /// verified, initial, wrong, refused, locked, unavailable -> node.
    pub on: Edges,
}

/// Asks an outside system.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct LookupNode {
    pub lookup: At<String>,
    /// Argument -> value path, or a number.
    #[serde(default)]
    pub with: Option<Edges>,
    /// The name under which the answer is held.
    #[serde(default, rename = "as")]
    pub name: Option<At<String>>,
    /// Said while it is slow, instead of the line's.
    #[serde(default)]
    pub filler: Option<At<String>>,
    /// Outcome -> node; every outcome.
    pub on: Edges,
}

/// Makes something happen with this turn.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct EffectNode {
    pub effect: At<String>,
    /// The text of an `sms`, one of `sms.*`.
    #[serde(default)]
    pub prompt: Option<At<String>>,
    /// Argument -> value path, a number, or a word of the argument's set; for an `sms` placeholder -> value path.
    #[serde(default)]
    pub with: Option<Edges>,
    pub next: At<String>,
}

/// Goes by a value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct BranchNode {
    /// The value's path, or `verification`.
    pub of: At<String>,
    /// A word, `true`/`false`, a number, or numbers (`1..12`, `13..`) -> node; together they cover everything.
    pub cases: Edges,
}

/// Sets the language or values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct SetNode {
    #[serde(default)]
    pub language: Option<At<String>>,
    /// Name -> a word of a set: `insurance: insurance/pension`.
    #[serde(default)]
    pub values: Option<Edges>,
    pub next: At<String>,
}

/// Runs a sub-flow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct CallNode {
    pub flow: At<String>,
    /// Exit -> node; every exit.
    pub on: Edges,
}

/// Leaves a sub-flow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct ReturnNode {
    pub exit: At<String>,
}

/// Walks a list: says an item and a menu, whose keys may also be `next` and `previous`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct BrowseNode {
    pub list: At<String>,
    /// The name of the item that is being heard.
    pub item: At<String>,
    /// The field of the item that lists what is said of it, one prompt each.
    pub each: At<String>,
    /// The word of each entry that chooses its prompt ...
    pub of: At<String>,
    /// ... word -> prompt. Placeholders are fields of the entry.
    pub cases: Edges,
    /// Said first if an item has several entries. Placeholders are fields of the item.
    #[serde(default)]
    pub several: Option<At<String>>,
    /// The menu.
    pub prompt: At<String>,
    /// Key -> `next`, `previous` or a node.
    pub keys: Edges,
    /// Where `next` goes at the last item.
    pub past_end: At<String>,
    /// Where `previous` goes at the first item.
    pub past_start: At<String>,
    #[serde(default)]
    pub then: Option<At<String>>,
}

/// Records what the caller says, up to `#`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct RecordNode {
    /// Said first, within a listen: `#` records at once, keys that hold everywhere work.
    pub prompt: At<String>,
    #[serde(default)]
    pub values: Option<Edges>,
    #[serde(default)]
    pub from: Option<At<String>>,
    pub what: At<RecordingKind>,
    /// The longest recording; 1s to 600s.
    pub longest: At<Span>,
    /// Silence that ends it; 1s to 60s.
    pub silence: At<Span>,
    /// The name of a record with the recording's `name` and its length, `seconds`.
    #[serde(rename = "as")]
    pub name: At<String>,
    /// recorded, empty, failed -> node.
    pub on: Edges,
    /// Where the call of somebody who was recorded and hung up goes on, if not as `recorded`. Nothing is asked there.
    #[serde(default)]
    pub hung_up: Option<At<String>>,
    /// Where the third wrong key before the beep goes, instead of the line's.
    #[serde(default)]
    pub then: Option<At<String>>,
}

/// Rings somebody and joins them to the caller.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct DialNode {
    /// The name of the target; configuration gives its numbers.
    pub target: At<String>,
    /// Said to the caller first.
    pub prompt: At<String>,
    /// Without it whoever picks up is joined at once.
    #[serde(default)]
    pub whisper: Option<At<WhisperDefinition>>,
    /// How long it rings; 5s to 600s.
    pub ring: At<Span>,
    /// talked, busy, no-answer, declined, failed -> node.
    pub on: Edges,
}

/// Has the caller wait for a free operator, rings them, and joins the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct QueueNode {
    /// The name of the queue.
    pub queue: At<String>,
    /// Holds `place` and `minutes` of whoever waits, and the hours (`opens`, `closes`, `resumes`) where nobody answers.
    #[serde(rename = "as")]
    pub name: At<String>,
    /// Said to the caller when somebody is rung.
    pub connecting: At<String>,
    /// Said behind it where talks are recorded, which is a setting of the server; without it those of this node are not.
    #[serde(default)]
    pub recorded: Option<At<String>>,
    /// Said first to whoever has to wait; its placeholders are `place` and `minutes`.
    pub place: At<String>,
    /// Said when the place has got better, and only then.
    pub better: At<String>,
    /// Said once to whoever is next.
    pub soon: At<String>,
    /// What else can be done, said once to whoever has to wait for long.
    #[serde(default)]
    pub offer: Option<At<OfferDefinition>>,
    /// Key -> node, at any time while waiting. Other keys stay; those of the line say again and go back.
    #[serde(default)]
    pub keys: Option<Edges>,
    pub whisper: At<WhisperDefinition>,
    /// How long an operator is rung; 5s to 600s.
    pub ring: At<Span>,
    /// The dial target that is rung when no operator is at work, or the wait is over all bounds.
    pub overflow: At<String>,
    /// talked; closed, holiday, closed-today, nobody, full, too-long; busy, no-answer, declined, failed of the
    /// overflow; unavailable -> node.
    pub on: Edges,
}

/// What else can be done than wait.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct OfferDefinition {
    /// The announced wait from which it is said.
    pub after: At<Span>,
    pub prompt: At<String>,
}

/// Said to whoever picks up.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct WhisperDefinition {
    pub prompt: At<String>,
    /// Placeholder -> value path; `language`, `topic` and `verification` are always there.
    #[serde(default)]
    pub values: Option<Edges>,
    /// The key that takes the call.
    pub accept: At<String>,
}

/// Ends the call.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct EndNode {
    /// Said first.
    #[serde(default)]
    pub prompt: Option<At<String>>,
}
