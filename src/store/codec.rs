//! Stored records: what a row's value means, byte by byte. The only place where bincode is named.
//!
//! A record is a version byte, a kind byte and a payload. The payload of a fact is its content (section,
//! identifier, act or item) followed by its place, so that two records of the same fact from different
//! documents begin with the same bytes. A record that speaks of the record itself (when it was recorded, what it
//! corrects or takes back) begins with that and goes on with the record of its fact. Bytes from disk are never trusted: every length is limited, every
//! byte must be used, a word outside its list is an error. Nothing here is ever hashed again after decoding:
//! digests are taken of the stored bytes. Stored forms are types of their own, converted by hand, so that a
//! change of the model does not change the format.

use std::sync::Arc;

use bincode::enc::Encoder;
use bincode::error::EncodeError;
use bincode::{BorrowDecode, Encode};

use super::keys::{Number, section_code, section_of};
use super::shared::shared;
use crate::model::fact::{Act, Fact, Stated};
use crate::model::id::{Country, FactId, FieldId, ProcessorId, PurposeId, Safeguard, SubjectId, ValueId};
use crate::model::place::Place;
use crate::model::recorded::{RecordTime, Recording};
use crate::model::time::{Instant, When};
use crate::model::word::{ActKind, Carries, Method, Section};

/// Most bytes of a stored record. Longer ones are refused when written and when read.
pub const RECORD_BYTES_MAX: usize = 16 << 20;

/// Version byte of every record of this format.
const VERSION: u8 = 1;

/// Kind bytes. Numbers are never reused.
mod kind {
    /// An act.
    pub const ACT: u8 = 1;
    /// Any other fact, as the JSON text of its item.
    pub const ITEM: u8 = 2;
    /// A commit.
    pub const COMMIT: u8 = 3;
    /// A fact that takes the place of an earlier one, and the record of it.
    pub const CORRECTION: u8 = 5;
    /// An earlier fact taken back, and the record of the item that says so.
    pub const RETRACTION: u8 = 6;
    /// A fact whose source says when it recorded it, and the record of it.
    pub const DATED: u8 = 9;
    /// An act with a standing or uncertain time: the span, then the act.
    pub const ACT_WITH_SPAN: u8 = 8;
    // Kept for later versions, refused by name until then:
    /// A record removed by law: its digest stays in the log.
    pub const ERASED: u8 = 4;
    /// Many records in one row.
    pub const BLOCK: u8 = 7;
}

/// Why bytes are no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// No version or kind byte, or another version.
    #[error("record version {0} is unknown here; use a newer version of the program")]
    Version(u8),
    /// A kind that this version does not know.
    #[error("record kind {0} is unknown here; use a newer version of the program")]
    Kind(u8),
    /// A kind that another reader expects.
    #[error("record kind {0} does not belong here")]
    Misplaced(u8),
    /// Shorter than its own lengths say, or no text where text belongs.
    #[error("the record is malformed: {0}")]
    Malformed(String),
    /// Longer than its own lengths say.
    #[error("the record has {0} bytes too many")]
    Trailing(usize),
    /// A number that stands for no word.
    #[error("the record has the unknown {0} {1}")]
    Word(&'static str, u8),
    /// Longer than [`RECORD_BYTES_MAX`].
    #[error("the record has {0} bytes, more than the limit of {RECORD_BYTES_MAX}")]
    TooLarge(usize),
}

/// A fact as it was stated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "most records are acts; a box for each would cost more than it saves"
)]
pub enum Body {
    /// An act.
    Act(Act),
    /// Any other fact: the JSON text of its item, with all its keys.
    Item(String),
}

/// A fact of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number; identifies it for good.
    pub number: Number,
    /// The section it was stated in.
    pub section: Section,
    /// Its identifier; retention periods have none.
    pub id: Option<Arc<str>>,
    /// Where it was stated.
    pub place: Place,
    /// What was stated.
    pub body: Body,
    /// Of an act with unknown keys: its item as stated, JSON text.
    pub item: Option<String>,
    /// The subjects it names, as stated.
    pub subjects: Vec<SubjectId>,
    /// When it occurred, of facts that have one instant to sort by.
    pub occurred: Option<Instant>,
    /// What it says about the record itself.
    pub recording: Recording,
    /// The fact that it takes back; then it is no fact itself.
    pub retracts: Option<FactId>,
    /// Of a record that changes another: in whose families that stood.
    pub touched: Touched,
}

impl Record {
    /// The fact that it takes the place of or takes back.
    pub fn target(&self) -> Option<&FactId> {
        self.retracts.as_ref().or(self.recording.corrects.as_ref())
    }
}

/// The families in which a changed fact stood: they must learn of the change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Subjects, sorted, each once.
    pub subjects: Vec<SubjectId>,
    /// The catalogue.
    pub everyone: bool,
}

/// A commit as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its number, from 1.
    pub sequence: u64,
    /// When the store took it.
    pub recorded: Instant,
    /// Who wrote it.
    pub author: String,
    /// Its idempotence key.
    pub key: Option<String>,
    /// With a key: digest of the facts that were given.
    pub content: Option<[u8; 32]>,
    /// Facts written.
    pub facts: u32,
    /// Facts given that were already known.
    pub already_known: u32,
    /// Parts of the commit; each has a row of digests in the log.
    pub parts: u32,
    /// Facts in each part but the last.
    pub facts_per_part: u32,
    /// Chain head of the commit before; zeros before the first.
    pub previous: [u8; 32],
    /// Of the first commit: the store's header, JSON text.
    pub header: Option<String>,
}

#[derive(Encode, BorrowDecode)]
struct StoredHeading<'a> {
    section: u8,
    id: Option<&'a str>,
}

/// The time of an act that is no single instant. The act itself holds the first of its bounds.
#[derive(Encode, BorrowDecode)]
struct StoredSpan {
    kind: u8,
    last_micros: Option<i64>,
}

/// Kinds of spans. Numbers are never reused.
mod span {
    /// Standing: from the first bound until the last, without an end when there is none.
    pub const STANDING: u8 = 1;
    /// One instant between the two bounds.
    pub const BETWEEN: u8 = 2;
    /// Standing from the first bound; the last is the latest end, and the earliest end comes behind.
    pub const ENDING: u8 = 3;
    /// Standing from an instant between the first bound and one that comes behind; the last is the latest end, without an
    /// end when there is none, and the earliest end comes behind that.
    pub const STRETCHING: u8 = 4;
}

/// The fields that [`StoredAct`] has, in its order, from an act and its item: without a list of texts for each list.
struct ActWritten<'a>(&'a Act, &'a str);

impl Encode for ActWritten<'_> {
    fn encode<E: Encoder>(&self, to: &mut E) -> Result<(), EncodeError> {
        let Self(act, item) = self;
        act.at.start().micros().encode(to)?;
        (act_code(act) | carries_bits(act.carries)).encode(to)?;
        act.actor.as_str().encode(to)?;
        act.recipient.as_ref().map(ProcessorId::as_str).encode(to)?;
        act.source.as_ref().map(ProcessorId::as_str).encode(to)?;
        texts(&act.subjects, SubjectId::as_str, to)?;
        texts(&act.fields, FieldId::as_str, to)?;
        act.purpose.as_ref().map(PurposeId::as_str).encode(to)?;
        texts(&act.makes, FieldId::as_str, to)?;
        act.method.map(method_code).encode(to)?;
        let location = || act.location.as_ref().map(Country::as_str);
        act.value
            .as_ref()
            .map(ValueId::as_str)
            .or_else(location)
            .encode(to)?;
        texts(&act.safeguards, Safeguard::as_str, to)?;
        (!item.is_empty()).then_some(*item).encode(to)
    }
}

/// A list as bincode has it: how many, then each.
fn texts<T, E: Encoder>(all: &[T], text: fn(&T) -> &str, to: &mut E) -> Result<(), EncodeError> {
    (all.len() as u64).encode(to)?;
    all.iter().try_for_each(|one| text(one).encode(to))
}

#[derive(BorrowDecode)]
struct StoredAct<'a> {
    at_micros: i64,
    /// One of `act_code`, and in the highest bits how surely the act carries.
    code: u8,
    actor: &'a str,
    recipient: Option<&'a str>,
    source: Option<&'a str>,
    subjects: Vec<&'a str>,
    fields: Vec<&'a str>,
    purpose: Option<&'a str>,
    makes: Vec<&'a str>,
    method: Option<u8>,
    /// Of a store act where, of a correct act the value.
    detail: Option<&'a str>,
    safeguards: Vec<&'a str>,
    item: Option<&'a str>,
}

/// Subjects and instant are kept beside the text, so that the indexes can be rebuilt without reading it.
#[derive(Encode, BorrowDecode)]
struct StoredItem<'a> {
    text: &'a str,
    subjects: Vec<&'a str>,
    occurred_micros: Option<i64>,
}

/// What stands before the record of a fact that speaks of the record itself.
#[derive(Encode, BorrowDecode)]
struct StoredRecording<'a> {
    recorded_micros: Option<i64>,
    target: Option<&'a str>,
}

/// What stands behind it, before its place: not part of what was stated.
#[derive(Encode, BorrowDecode)]
struct StoredTouched<'a> {
    subjects: Vec<&'a str>,
    everyone: bool,
}

#[derive(Encode, BorrowDecode)]
struct StoredPlace<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

#[derive(Encode, BorrowDecode)]
struct StoredCommit<'a> {
    sequence: u64,
    recorded_micros: i64,
    author: &'a str,
    key: Option<&'a str>,
    content: Option<[u8; 32]>,
    facts: u32,
    already_known: u32,
    parts: u32,
    facts_per_part: u32,
    previous: [u8; 32],
    header: Option<&'a str>,
}

const CONFIG: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<RECORD_BYTES_MAX>,
> = bincode::config::standard().with_limit::<RECORD_BYTES_MAX>();

fn encode(value: &impl Encode, into: &mut Vec<u8>) -> Result<(), CodecError> {
    bincode::encode_into_std_write(value, into, CONFIG)
        .map(|_| ())
        .map_err(|error| CodecError::Malformed(error.to_string()))
}

/// Decodes one value and moves `bytes` past it.
fn decode<'a, T: BorrowDecode<'a, ()>>(bytes: &mut &'a [u8]) -> Result<T, CodecError> {
    let (value, used) = bincode::borrow_decode_from_slice(bytes, CONFIG)
        .map_err(|error| CodecError::Malformed(error.to_string()))?;
    *bytes = bytes.get(used..).unwrap_or_default();
    Ok(value)
}

fn open(bytes: &[u8]) -> Result<(u8, &[u8]), CodecError> {
    if bytes.len() > RECORD_BYTES_MAX {
        return Err(CodecError::TooLarge(bytes.len()));
    }
    match bytes {
        [VERSION, kind, payload @ ..] => Ok((*kind, payload)),
        [] | [VERSION] => Err(CodecError::Malformed("it has no version and kind".to_owned())),
        [version, ..] => Err(CodecError::Version(*version)),
    }
}

fn close(rest: &[u8]) -> Result<(), CodecError> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(CodecError::Trailing(rest.len()))
    }
}

/// Appends the record of a fact to `into`. Returns how many of the appended bytes, from the first on, are the
/// fact without its place.
pub fn encode_fact(stated: &Stated, into: &mut Vec<u8>) -> Result<usize, CodecError> {
    encode_record(stated, &Touched::default(), into)
}

/// The same for a record that changes another.
pub fn encode_record(stated: &Stated, touched: &Touched, into: &mut Vec<u8>) -> Result<usize, CodecError> {
    let start = into.len();
    let wrapped = wrapper(stated);
    if let Some(kind) = wrapped {
        into.extend([VERSION, kind]);
        let recording = StoredRecording {
            recorded_micros: match stated.recording.recorded {
                Some(RecordTime::At(at)) => Some(at.micros()),
                Some(RecordTime::Number(_)) | None => None,
            },
            target: stated.target().map(FactId::as_str),
        };
        encode(&recording, into)?;
    }
    let heading = StoredHeading {
        section: section_code(stated.fact.section()),
        id: stated.fact.id(),
    };
    if let Fact::Act(act) = &stated.fact {
        let span = stored_span(act.at);
        into.extend([
            VERSION,
            if span.is_some() {
                kind::ACT_WITH_SPAN
            } else {
                kind::ACT
            },
        ]);
        encode(&heading, into)?;
        if let Some(span) = span {
            encode(&span, into)?;
        }
        if let When::Stretching { from, until } = act.at {
            let begins = (from.earliest < from.latest).then_some(from.latest);
            for at in begins.into_iter().chain(until.map(|end| end.earliest)) {
                encode(&at.micros(), into)?;
            }
        }
        encode(&ActWritten(act, &stated.item), into)?;
    } else {
        into.extend([VERSION, kind::ITEM]);
        encode(&heading, into)?;
        let item = StoredItem {
            text: &stated.item,
            subjects: stated.fact.subjects().iter().map(SubjectId::as_str).collect(),
            occurred_micros: stated.fact.occurred().map(Instant::micros),
        };
        encode(&item, into)?;
    }
    let content = into.len() - start;
    if wrapped.is_some() {
        let touched = StoredTouched {
            subjects: touched.subjects.iter().map(SubjectId::as_str).collect(),
            everyone: touched.everyone,
        };
        encode(&touched, into)?;
    }
    let place = StoredPlace {
        file: &stated.place.file,
        line: stated.place.line,
        column: stated.place.column,
    };
    encode(&place, into)?;
    let len = into.len() - start;
    if len > RECORD_BYTES_MAX {
        return Err(CodecError::TooLarge(len));
    }
    Ok(content)
}

/// The kind of what stands before a record that speaks of the record itself.
fn wrapper(stated: &Stated) -> Option<u8> {
    match (&stated.fact, &stated.recording) {
        (Fact::Retraction(_), _) => Some(kind::RETRACTION),
        (
            _,
            Recording {
                corrects: Some(_), ..
            },
        ) => Some(kind::CORRECTION),
        (
            _,
            Recording {
                recorded: Some(RecordTime::At(_)),
                ..
            },
        ) => Some(kind::DATED),
        (_, _) => None,
    }
}

fn stored_span(at: When) -> Option<StoredSpan> {
    let (kind, last) = match at {
        When::Instant(_) => return None,
        When::Standing { until, .. } => (span::STANDING, until),
        When::Between { latest, .. } => (span::BETWEEN, Some(latest)),
        When::Stretching { from, until } => {
            let is_known = from.earliest == from.latest;
            let kind = if is_known { span::ENDING } else { span::STRETCHING };
            (kind, until.map(|end| end.latest))
        }
    };
    Some(StoredSpan {
        kind,
        last_micros: last.map(Instant::micros),
    })
}

/// The latest beginning and the earliest end of a standing act, where they stand behind its span.
type Behind = (Option<Instant>, Option<Instant>);

/// The span of an act, and what stands behind it.
fn span_of(rest: &mut &[u8]) -> Result<(StoredSpan, Behind), CodecError> {
    let span: StoredSpan = decode(rest)?;
    let has_begin = span.kind == span::STRETCHING;
    let has_end = span.kind == span::ENDING || (has_begin && span.last_micros.is_some());
    let mut next = |is_there: bool| -> Result<Option<Instant>, CodecError> {
        is_there
            .then(|| decode(rest).map(Instant::from_micros))
            .transpose()
    };
    let behind = (next(has_begin)?, next(has_end)?);
    Ok((span, behind))
}

/// An act of this first instant with this span, and what stands behind it.
fn when(first: Instant, span: &StoredSpan, behind: Behind) -> Result<When, CodecError> {
    match (span.kind, span.last_micros.map(Instant::from_micros), behind) {
        (span::STANDING, until, _) => Ok(When::Standing { from: first, until }),
        (span::BETWEEN, Some(latest), _) => Ok(When::between(first, latest)),
        (span::ENDING, Some(latest), (_, Some(earliest))) => {
            Ok(When::stretching((first, first), Some((earliest, latest))))
        }
        (span::STRETCHING, latest, (Some(begun), earliest)) => {
            Ok(When::stretching((first, begun), earliest.zip(latest)))
        }
        (kind, _, _) => Err(CodecError::Word("span", kind)),
    }
}

/// Reads the record of a fact.
pub fn decode_fact(number: Number, bytes: &[u8]) -> Result<Record, CodecError> {
    let (outer, mut rest) = open(bytes)?;
    known_kind(outer)?;
    let mut kind = outer;
    let mut stored = None;
    if matches!(outer, kind::CORRECTION | kind::RETRACTION | kind::DATED) {
        stored = Some(decode::<StoredRecording>(&mut rest)?);
        (kind, rest) = open(rest)?;
        known_kind(kind)?;
    }
    if !matches!(kind, kind::ACT | kind::ACT_WITH_SPAN | kind::ITEM) {
        return Err(CodecError::Misplaced(kind));
    }
    let (recording, retracts) = recording(outer, stored.as_ref())?;
    let heading: StoredHeading = decode(&mut rest)?;
    let section = section_of(heading.section).ok_or(CodecError::Word("section", heading.section))?;
    let id: Option<Arc<str>> = heading.id.map(Arc::from);
    let is_act = matches!(kind, kind::ACT | kind::ACT_WITH_SPAN);
    if is_act != (section == Section::Events && retracts.is_none()) {
        return Err(CodecError::Misplaced(kind));
    }
    let (body, item, subjects, occurred) = if is_act {
        let id = id
            .clone()
            .ok_or_else(|| CodecError::Malformed("an act without an identifier".to_owned()))?;
        let span = if kind == kind::ACT_WITH_SPAN {
            Some(span_of(&mut rest)?)
        } else {
            None
        };
        let stored: StoredAct = decode(&mut rest)?;
        let item = stored.item.map(str::to_owned);
        let first = Instant::from_micros(stored.at_micros);
        let at = match span {
            Some((span, behind)) => when(first, &span, behind)?,
            None => When::Instant(first),
        };
        let act = act(id, at, &stored)?;
        let (subjects, at) = (act.subjects.clone(), act.at.start());
        (Body::Act(act), item, subjects, Some(at))
    } else {
        let stored: StoredItem = decode(&mut rest)?;
        let subjects = stored.subjects.iter().map(|id| (*id).into()).collect();
        let occurred = stored.occurred_micros.map(Instant::from_micros);
        (Body::Item(stored.text.to_owned()), None, subjects, occurred)
    };
    let touched = match stored {
        Some(_) => {
            let touched: StoredTouched = decode(&mut rest)?;
            Touched {
                subjects: touched.subjects.iter().map(|id| (*id).into()).collect(),
                everyone: touched.everyone,
            }
        }
        None => Touched::default(),
    };
    let place: StoredPlace = decode(&mut rest)?;
    close(rest)?;
    Ok(Record {
        number,
        section,
        id,
        place: Place {
            file: shared(place.file),
            line: place.line,
            column: place.column,
        },
        body,
        item,
        subjects,
        occurred,
        recording,
        retracts,
        touched,
    })
}

/// Whether it is the record of an act that changes no other record and re-identifies nobody. Cost: little is made of it.
pub fn is_plain_act(bytes: &[u8]) -> Result<bool, CodecError> {
    let (mut kind, mut rest) = open(bytes)?;
    if kind == kind::DATED {
        decode::<StoredRecording>(&mut rest)?;
        (kind, rest) = open(rest)?;
    }
    if !matches!(kind, kind::ACT | kind::ACT_WITH_SPAN) {
        return Ok(false);
    }
    decode::<StoredHeading>(&mut rest)?;
    if kind == kind::ACT_WITH_SPAN {
        span_of(&mut rest)?;
    }
    let act: StoredAct = decode(&mut rest)?;
    Ok(act.method.and_then(method_of) != Some(Method::Reidentify))
}

/// What a record says about the record itself, and what it takes back.
fn recording(
    kind: u8,
    stored: Option<&StoredRecording<'_>>,
) -> Result<(Recording, Option<FactId>), CodecError> {
    let Some(stored) = stored else {
        return Ok((Recording::default(), None));
    };
    let recorded = stored
        .recorded_micros
        .map(Instant::from_micros)
        .map(RecordTime::At);
    let target = stored.target.map(FactId::from);
    match (kind, target) {
        (kind::CORRECTION, Some(corrects)) => Ok((
            Recording {
                recorded,
                corrects: Some(corrects),
            },
            None,
        )),
        (kind::RETRACTION, Some(retracts)) => Ok((
            Recording {
                recorded,
                corrects: None,
            },
            Some(retracts),
        )),
        (kind::DATED, None) if recorded.is_some() => Ok((
            Recording {
                recorded,
                corrects: None,
            },
            None,
        )),
        (_, _) => Err(CodecError::Malformed(
            "what it says about the record does not fit its kind".to_owned(),
        )),
    }
}

fn act(id: Arc<str>, at: When, stored: &StoredAct<'_>) -> Result<Act, CodecError> {
    let code = stored.code & !CARRIES_MASK;
    let has_value = code == act_code::CORRECT_TO_VALUE;
    let (value, location) = match stored.detail {
        Some(value) if has_value => (Some(ValueId::from(value)), None),
        None if has_value => return Err(CodecError::Malformed("a value is missing".to_owned())),
        detail => (None, detail.map(shared)),
    };
    Ok(Act {
        id: id.into(),
        at,
        kind: act_kind_of(code).ok_or(CodecError::Word("act", stored.code))?,
        actor: shared(stored.actor),
        recipient: stored.recipient.map(shared),
        source: stored.source.map(shared),
        subjects: stored.subjects.iter().map(|id| shared(id)).collect(),
        fields: stored.fields.iter().map(|id| shared(id)).collect(),
        purpose: stored.purpose.map(shared),
        makes: stored.makes.iter().map(|id| shared(id)).collect(),
        method: stored
            .method
            .map(|code| method_of(code).ok_or(CodecError::Word("method", code)))
            .transpose()?,
        location,
        value,
        lifts: code == act_code::LIFT,
        safeguards: stored.safeguards.iter().map(|id| shared(id)).collect(),
        carries: carries_of(stored.code).ok_or(CodecError::Word("certainty", stored.code))?,
    })
}

/// The record of a commit.
pub fn encode_commit(commit: &Commit) -> Result<Vec<u8>, CodecError> {
    let mut bytes = vec![VERSION, kind::COMMIT];
    let stored = StoredCommit {
        sequence: commit.sequence,
        recorded_micros: commit.recorded.micros(),
        author: &commit.author,
        key: commit.key.as_deref(),
        content: commit.content,
        facts: commit.facts,
        already_known: commit.already_known,
        parts: commit.parts,
        facts_per_part: commit.facts_per_part,
        previous: commit.previous,
        header: commit.header.as_deref(),
    };
    encode(&stored, &mut bytes)?;
    if bytes.len() > RECORD_BYTES_MAX {
        return Err(CodecError::TooLarge(bytes.len()));
    }
    Ok(bytes)
}

/// Reads the record of a commit.
pub fn decode_commit(bytes: &[u8]) -> Result<Commit, CodecError> {
    let (kind, mut rest) = open(bytes)?;
    known_kind(kind)?;
    if kind != kind::COMMIT {
        return Err(CodecError::Misplaced(kind));
    }
    let stored: StoredCommit = decode(&mut rest)?;
    close(rest)?;
    Ok(Commit {
        sequence: stored.sequence,
        recorded: Instant::from_micros(stored.recorded_micros),
        author: stored.author.to_owned(),
        key: stored.key.map(str::to_owned),
        content: stored.content,
        facts: stored.facts,
        already_known: stored.already_known,
        parts: stored.parts,
        facts_per_part: stored.facts_per_part,
        previous: stored.previous,
        header: stored.header.map(str::to_owned),
    })
}

fn known_kind(kind: u8) -> Result<(), CodecError> {
    match kind {
        kind::ACT
        | kind::ITEM
        | kind::COMMIT
        | kind::ACT_WITH_SPAN
        | kind::CORRECTION
        | kind::RETRACTION
        | kind::DATED => Ok(()),
        kind::ERASED | kind::BLOCK | 0 | 10.. => Err(CodecError::Kind(kind)),
    }
}

/// The two highest bits of the number of an act say how surely it carries.
const CARRIES_MASK: u8 = 0xc0;

const fn carries_bits(carries: Carries) -> u8 {
    match carries {
        Carries::Surely => 0,
        Carries::Possible => 0x40,
        Carries::Influence => 0x80,
    }
}

fn carries_of(code: u8) -> Option<Carries> {
    Carries::ALL
        .iter()
        .copied()
        .find(|carries| carries_bits(*carries) == code & CARRIES_MASK)
}

/// Numbers of acts. They are never reused. What an older program would read over has a number of its own, so that it is
/// refused there.
mod act_code {
    pub const COLLECT: u8 = 1;
    pub const DERIVE: u8 = 2;
    pub const USE: u8 = 3;
    pub const STORE: u8 = 4;
    pub const SHARE: u8 = 5;
    pub const VERIFY: u8 = 6;
    pub const DISCLOSE: u8 = 7;
    pub const DELEGATE: u8 = 8;
    pub const ASSIGN: u8 = 9;
    pub const CORRECT: u8 = 10;
    pub const DELETE: u8 = 11;
    pub const RESTRICT: u8 = 12;
    /// A restrict act that lifts a restriction.
    pub const LIFT: u8 = 13;
    /// A correct act whose value has a name.
    pub const CORRECT_TO_VALUE: u8 = 14;
}

fn act_code(act: &Act) -> u8 {
    match act.kind {
        ActKind::Collect => act_code::COLLECT,
        ActKind::Derive => act_code::DERIVE,
        ActKind::Use => act_code::USE,
        ActKind::Store => act_code::STORE,
        ActKind::Share => act_code::SHARE,
        ActKind::Verify => act_code::VERIFY,
        ActKind::Disclose => act_code::DISCLOSE,
        ActKind::Delegate => act_code::DELEGATE,
        ActKind::Assign => act_code::ASSIGN,
        ActKind::Correct if act.value.is_some() => act_code::CORRECT_TO_VALUE,
        ActKind::Correct => act_code::CORRECT,
        ActKind::Restrict if act.lifts => act_code::LIFT,
        ActKind::Restrict => act_code::RESTRICT,
        ActKind::Delete => act_code::DELETE,
    }
}

fn act_kind_of(code: u8) -> Option<ActKind> {
    match code {
        act_code::COLLECT => Some(ActKind::Collect),
        act_code::DERIVE => Some(ActKind::Derive),
        act_code::USE => Some(ActKind::Use),
        act_code::STORE => Some(ActKind::Store),
        act_code::SHARE => Some(ActKind::Share),
        act_code::VERIFY => Some(ActKind::Verify),
        act_code::DISCLOSE => Some(ActKind::Disclose),
        act_code::DELEGATE => Some(ActKind::Delegate),
        act_code::ASSIGN => Some(ActKind::Assign),
        act_code::CORRECT | act_code::CORRECT_TO_VALUE => Some(ActKind::Correct),
        act_code::DELETE => Some(ActKind::Delete),
        act_code::RESTRICT | act_code::LIFT => Some(ActKind::Restrict),
        _ => None,
    }
}

const fn method_code(method: Method) -> u8 {
    match method {
        Method::Deidentify => 1,
        Method::Anonymize => 2,
        Method::Reidentify => 3,
    }
}

fn method_of(code: u8) -> Option<Method> {
    Method::ALL
        .iter()
        .copied()
        .find(|method| method_code(*method) == code)
}
