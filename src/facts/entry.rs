//! Reading the keys of one item: what is missing, misshapen or unknown is noted with its place, and reading goes
//! on, so that all problems of a document come out at once.

use std::sync::Arc;

use jiff::civil::Date;
use rustc_hash::FxHashSet;

use super::node::{Key, Mark, Node, Value};
use super::reference::References;
use crate::model::alike::nearest;
use crate::model::bounded::{Bounded, InstantKey};
use crate::model::id::{FactId, SubjectId};
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::time::{Instant, InstantError, Span, parse_date};
use crate::model::word::{ActKind, Section};

/// What reading a document gathers besides the facts.
#[derive(Debug)]
pub struct Reading {
    file: Arc<str>,
    /// Problems found so far, in the order of reading.
    pub problems: Vec<Problem>,
    /// Identifiers declared and used so far.
    pub references: References,
}

impl Reading {
    /// Begins to read the document of this name.
    pub fn new(file: &str) -> Self {
        Self {
            file: file.into(),
            problems: Vec::new(),
            references: References::default(),
        }
    }

    /// Begins to read the same document again, to see what would be wrong with something in it.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self::new(&self.file)
    }

    /// Begins to read a piece of a document: see [`References::of_a_piece`].
    pub fn of_a_piece(file: &Arc<str>) -> Self {
        Self {
            file: Arc::clone(file),
            problems: Vec::new(),
            references: References::of_a_piece(),
        }
    }

    /// The place of a mark in this document.
    pub fn place(&self, mark: Mark) -> Place {
        Place {
            file: Arc::clone(&self.file),
            line: mark.line,
            column: mark.column,
        }
    }

    /// Notes a problem.
    pub fn problem(&mut self, code: ProblemCode, mark: Mark, message: String, help: impl Into<String>) {
        let place = self.place(mark);
        self.problems.push(Problem {
            code,
            place,
            message: clipped(message),
            help: clipped(help.into()),
        });
    }

    /// Notes every key that stands a second time.
    pub fn refuse_double_keys(&mut self, keys: &[(Key<'_>, Node<'_>)]) {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for (i, (key, _)) in keys.iter().enumerate() {
            let is_double = if keys.len() > FEW {
                !seen.insert(&key.text)
            } else {
                keys.iter()
                    .take(i)
                    .any(|(other, _)| is_same(&other.text, &key.text))
            };
            if is_double {
                self.problem(
                    ProblemCode::DuplicateKey,
                    key.mark,
                    format!("key `{}` is given twice", key.text),
                    "keep one of the two",
                );
            }
        }
    }
}

/// With more problems than this nobody looks for what an unknown key may have been meant for.
const SUGGESTED_MAX: usize = 50;
/// Among up to this many texts, looking back is faster than a set.
const FEW: usize = 32;

/// Whether two texts are the same. Most that are as long differ at once, without a call.
fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().next() == b.bytes().next() && a == b
}

/// A text for people; what the document says at length is cut short.
fn clipped(mut text: String) -> String {
    const LONG: usize = 1_000;
    if let Some((end, _)) = text.char_indices().nth(LONG) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// One item of a section, or a map inside one.
pub struct Entry<'n, 't, 'r> {
    keys: &'n [(Key<'t>, Node<'t>)],
    defaults: &'n [(Key<'t>, Node<'t>)],
    mark: Mark,
    /// Bit i: key i of the item has been read. Keys beyond the 64th are always taken as read.
    seen: u64,
    what: &'static str,
    takes_empty_lists: bool,
    corrects: Option<Arc<str>>,
    /// Keys that must be there and are not: what an unknown key may have been meant for.
    lacks: Vec<String>,
    /// Keys that were looked for, if that is noted: an unknown key may have been meant for one of these too.
    asked: Option<Vec<String>>,
    bounded: Vec<Bounded>,
    reading: &'r mut Reading,
}

impl<'n, 't, 'r> Entry<'n, 't, 'r> {
    /// The keys of a map; `what` names it in messages ("an event"). Anything but a map is a problem.
    pub fn open(node: &'n Node<'t>, what: &'static str, reading: &'r mut Reading) -> Option<Self> {
        let Value::Map(keys) = &node.value else {
            let message = format!("{what} is expected here, found {}", node.shape());
            reading.problem(
                ProblemCode::Shape,
                node.mark,
                message,
                "write it as a map: {key: value, …}",
            );
            return None;
        };
        reading.refuse_double_keys(keys);
        Some(Self {
            keys,
            defaults: &[],
            mark: node.mark,
            seen: 0,
            what,
            takes_empty_lists: false,
            corrects: None,
            lacks: Vec::new(),
            asked: None,
            bounded: Vec::new(),
            reading,
        })
    }

    /// Keys that stand in for those that the item lacks.
    #[must_use]
    pub fn with_defaults(mut self, defaults: &'n [(Key<'t>, Node<'t>)]) -> Self {
        self.defaults = defaults;
        self
    }

    /// The document being read.
    pub fn reading(&mut self) -> &mut Reading {
        self.reading
    }

    /// Where the item stands.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Notes from here on which keys are looked for.
    pub fn note_keys(&mut self) {
        self.asked.get_or_insert_default();
    }

    /// The keys that were looked for since that is noted.
    pub fn into_asked(self) -> Vec<String> {
        self.asked.unwrap_or_default()
    }

    /// Whether there is a key that was not read, and room to say what it may have been meant for.
    pub fn wants_suggestions(&self) -> bool {
        let seen = |i: usize| i >= 64 || self.seen & (1 << i) != 0;
        self.reading.problems.len() < SUGGESTED_MAX && !(0..self.keys.len()).all(seen)
    }

    /// Takes these keys for the ones that were looked for.
    pub fn knows(&mut self, keys: Vec<String>) {
        self.asked = Some(keys);
    }

    /// What an unknown key may have been meant for: what must be there, or else what may be and is not.
    fn meant(&self, written: &str) -> Option<&str> {
        let is_absent = |key: &&str| self.keys.iter().all(|(other, _)| other.text != *key);
        let asked = self.asked.iter().flatten().map(String::as_str);
        nearest(written, self.lacks.iter().map(String::as_str))
            .or_else(|| nearest(written, asked.filter(is_absent)))
    }

    /// Notes every key that was not read; gives whether there was one.
    pub fn close(self) -> bool {
        let mut any = false;
        for (i, (key, _)) in self.keys.iter().enumerate() {
            // A key that stands twice has been reported already.
            let is_double = || self.keys.iter().take(i).any(|(other, _)| other.text == key.text);
            if i < 64 && self.seen & (1 << i) == 0 && !is_double() {
                any = true;
                let help = self.meant(&key.text).map_or_else(
                    || "it is kept and never judged; check the spelling".to_owned(),
                    |meant| format!("did you mean `{meant}`? As it stands it is kept and never judged"),
                );
                self.reading.problem(
                    ProblemCode::UnknownKey,
                    key.mark,
                    format!("key `{}` means nothing in {}", key.text, self.what),
                    help,
                );
            }
        }
        any
    }

    /// The node under a key, from the item or the defaults; `null` counts as absent.
    pub fn node(&mut self, key: &str) -> Option<&'n Node<'t>> {
        if let Some(asked) = &mut self.asked {
            asked.push(key.to_owned());
        }
        let own = self.keys.iter().position(|(k, _)| is_same(&k.text, key));
        let node = if let Some(i) = own {
            if i < 64 {
                self.seen |= 1 << i;
            }
            &self.keys[i].1
        } else {
            &self.defaults.iter().find(|(k, _)| k.text == key)?.1
        };
        match node.value {
            Value::Null => None,
            Value::Text(_) | Value::List(_) | Value::Map(_) => Some(node),
        }
    }

    /// Marks keys as known that are carried for people and other tools.
    pub fn info(&mut self, keys: &[&str]) {
        for key in keys {
            let _ = self.node(key);
        }
    }

    /// Takes all keys as known: nobody can tell which of them belong to an item of unknown kind.
    pub fn ignore_the_rest(&mut self) {
        self.seen = u64::MAX;
    }

    /// Notes that a key is missing.
    pub fn missing(&mut self, key: &str, help: &str) {
        let message = format!("{} lacks the key `{key}`", self.what);
        self.lacks.push(key.to_owned());
        self.reading
            .problem(ProblemCode::MissingKey, self.mark, message, help);
    }

    fn required<T>(&mut self, key: &str, value: Option<T>, expected: &str) -> Option<T> {
        // A value that is there but wrong has been reported already.
        let absent = value.is_none() && self.node(key).is_none();
        if absent {
            self.missing(key, &format!("add it: {expected}"));
        }
        value
    }

    /// A text that may be absent.
    pub fn text(&mut self, key: &str) -> Option<&'n str> {
        let node = self.node(key)?;
        self.text_of(node, key)
    }

    fn text_of(&mut self, node: &'n Node<'t>, key: &str) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => {
                self.reading.problem(
                    ProblemCode::Shape,
                    node.mark,
                    format!("`{key}` must be a text, found {}", node.shape()),
                    "write a single value",
                );
                None
            }
        }
    }

    /// A text that must be there.
    pub fn text_required(&mut self, key: &str, expected: &str) -> Option<&'n str> {
        let text = self.text(key);
        self.required(key, text, expected)
    }

    /// Whether the text under the key is `true`.
    pub fn flag(&mut self, key: &str) -> bool {
        self.text(key) == Some("true")
    }

    /// Every text of a list that may be absent; with `single`, one text stands for a list of one.
    pub fn texts(&mut self, key: &str, single: bool) -> Vec<(&'n str, Mark)> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        match &node.value {
            Value::List(nodes) => {
                // A list is a set in the order of first mention.
                let mut seen: FxHashSet<&str> = FxHashSet::default();
                let mut texts: Vec<(&'n str, Mark)> = Vec::with_capacity(nodes.len());
                for inner in nodes {
                    let Some(text) = self.text_of(inner, key) else {
                        continue;
                    };
                    let is_new = if nodes.len() > FEW {
                        seen.insert(text)
                    } else {
                        texts.iter().all(|(other, _)| !is_same(other, text))
                    };
                    if is_new {
                        texts.push((text, inner.mark));
                    }
                }
                texts
            }
            Value::Text(text) if single => vec![(text, node.mark)],
            Value::Null | Value::Text(_) | Value::Map(_) => {
                self.reading.problem(
                    ProblemCode::Shape,
                    node.mark,
                    format!("`{key}` must be a list, found {}", node.shape()),
                    "write it as a list: [a, b]",
                );
                Vec::new()
            }
        }
    }

    /// A list that is written out and empty counts as given: a rule may allow nothing.
    pub fn take_empty_lists(&mut self) {
        self.takes_empty_lists = true;
    }

    /// Notes that a list which must be there is not; an empty one is not there either.
    pub fn demand(&mut self, key: &str, expected: &str) {
        if self.lacks_list(key) {
            self.missing(key, &format!("add it: {expected}"));
        }
    }

    fn lacks_list(&mut self, key: &str) -> bool {
        let is_empty = |node: &Node<'_>| matches!(&node.value, Value::List(items) if items.is_empty());
        match self.node(key) {
            None => true,
            Some(node) => is_empty(node) && !self.takes_empty_lists,
        }
    }

    /// An instant that may be absent.
    pub fn instant(&mut self, key: &str) -> Option<Instant> {
        let node = self.node(key)?;
        let text = self.text_of(node, key)?;
        self.instant_of(text, node.mark, key)
    }

    /// Reads an instant.
    pub fn instant_of(&mut self, text: &str, mark: Mark, key: &str) -> Option<Instant> {
        if text.is_empty() {
            return None;
        }
        let (code, message, help) = match Instant::parse(text) {
            Ok(at) => return Some(at),
            Err(InstantError::DateWithoutTime) => (
                ProblemCode::DateWithoutTime,
                format!("`{key}` is a date without a time: `{text}`"),
                format!("say when on that day and in which offset: {text}T00:00:00+08:00"),
            ),
            Err(InstantError::NoOffset) => (
                ProblemCode::BadInstant,
                format!("`{key}` has no offset: `{text}`"),
                format!("add the offset or Z: {text}+08:00 or {text}Z"),
            ),
            Err(InstantError::TooFine) => (
                ProblemCode::BadInstant,
                format!("`{key}` is finer than a microsecond: `{text}`"),
                "write six digits after the second at most".to_owned(),
            ),
            Err(InstantError::NotIso) => (
                ProblemCode::BadInstant,
                format!("`{key}` is no instant: `{text}`"),
                "write ISO 8601 with an offset, such as 2024-05-01T09:00:00+08:00".to_owned(),
            ),
        };
        self.reading.problem(code, mark, message, help);
        None
    }

    /// An instant that may be absent, or be known by its bounds only: `{earliest, latest}`. It is at its earliest then.
    pub fn bounded_instant(&mut self, key: &'static str) -> Option<Instant> {
        let Some((earliest, latest)) = self.bounds(key) else {
            return self.instant(key);
        };
        if earliest < latest {
            self.bounded.push(Bounded {
                key: InstantKey::plain(key),
                earliest,
                latest,
            });
        }
        Some(earliest)
    }

    /// The same of an instant that must be there.
    pub fn bounded_required(&mut self, key: &'static str) -> Option<Instant> {
        let is_map = self
            .node(key)
            .is_some_and(|node| matches!(node.value, Value::Map(_)));
        if is_map {
            self.bounded_instant(key)
        } else {
            self.instant_required(key)
        }
    }

    /// The bounds under a key where a map stands. A problem in them counts as bounds that are equal.
    pub fn bounds(&mut self, key: &str) -> Option<(Instant, Instant)> {
        let node = self.node(key)?;
        if !matches!(node.value, Value::Map(_)) {
            return None;
        }
        let mut inner = Entry::open(node, "an instant known by its bounds", self.reading)?;
        let earliest = inner.instant_required("earliest");
        let latest = inner.instant_required("latest");
        let mark = inner.node("latest").map_or(node.mark, |node| node.mark);
        inner.close();
        if let (Some(earliest), Some(latest)) = (earliest, latest)
            && latest < earliest
        {
            self.reading.problem(
                ProblemCode::InvertedInterval,
                mark,
                "`latest` lies before `earliest`".to_owned(),
                "an uncertain instant lies in earliest <= t <= latest; swap or correct the two",
            );
        }
        let any = earliest.or(latest).unwrap_or(Instant::from_micros(0));
        Some((earliest.unwrap_or(any), latest.unwrap_or(any)))
    }

    /// The latest of an instant read so far that is known by its bounds only.
    pub fn latest_of(&self, key: &'static str) -> Option<Instant> {
        let is_it = |bounded: &&Bounded| bounded.key == InstantKey::plain(key);
        self.bounded.iter().find(is_it).map(|bounded| bounded.latest)
    }

    /// The instants read so far that are known by their bounds only.
    pub fn take_bounded(&mut self) -> Box<[Bounded]> {
        std::mem::take(&mut self.bounded).into()
    }

    /// Adds those of an entry of a list under this key.
    pub fn add_bounded(&mut self, list: &'static str, number: usize, of_entry: Box<[Bounded]>) {
        let inside = of_entry.into_iter().map(|bounded| Bounded {
            key: bounded.key.inside(list, number),
            ..bounded
        });
        self.bounded.extend(inside);
    }

    /// An instant that must be there.
    pub fn instant_required(&mut self, key: &str) -> Option<Instant> {
        let at = self.instant(key);
        if at.is_none()
            && matches!(
                self.node(key),
                None | Some(Node {
                    value: Value::Text(_),
                    ..
                })
            )
        {
            let blank = self
                .node(key)
                .is_none_or(|node| matches!(&node.value, Value::Text(t) if t.is_empty()));
            if blank {
                self.missing(key, "add it: an instant such as 2024-05-01T09:00:00+08:00");
            }
        }
        at
    }

    /// `from` and `until`, each an instant or known by its bounds only; it must not be able to end before it begins.
    pub fn bounded_interval(&mut self) -> Option<(Instant, Option<Instant>)> {
        let from = self.bounded_required("from");
        let until = self.bounded_instant("until");
        let (begun, is_bounded) = (self.latest_of("from").or(from), !self.bounded.is_empty());
        if let (Some(begun), Some(until)) = (begun, until)
            && until < begun
        {
            let mark = self.node("until").map_or(self.mark, |node| node.mark);
            let (message, help) = if is_bounded {
                (
                    "`until` may lie before `from`",
                    "give bounds that keep the two apart",
                )
            } else {
                ("`until` lies before `from`", "swap or correct the two")
            };
            self.reading.problem(
                ProblemCode::InvertedInterval,
                mark,
                message.to_owned(),
                format!("the interval is from <= t < until; {help}"),
            );
        }
        Some((from?, until))
    }

    /// A date that may be absent.
    pub fn date(&mut self, key: &str) -> Option<Date> {
        let node = self.node(key)?;
        let text = self.text_of(node, key)?;
        self.date_of(text, node.mark, key)
    }

    /// Reads a date.
    pub fn date_of(&mut self, text: &str, mark: Mark, key: &str) -> Option<Date> {
        let date = parse_date(text);
        if date.is_none() {
            self.reading.problem(
                ProblemCode::BadDate,
                mark,
                format!("`{key}` is no date: `{text}`"),
                "write YYYY-MM-DD, such as 2012-03-01",
            );
        }
        date
    }

    /// A whole number within bounds that may be absent.
    pub fn integer(&mut self, key: &str, min: i64, max: i64) -> Option<i64> {
        let node = self.node(key)?;
        let text = self.text_of(node, key)?;
        let number = text.parse().ok().filter(|n| (min..=max).contains(n));
        if number.is_none() {
            self.bad_number(
                node.mark,
                key,
                text,
                &format!("write a whole number from {min} to {max}"),
            );
        }
        number
    }

    /// A whole number within bounds that must be there.
    pub fn integer_required(&mut self, key: &str, min: i64, max: i64) -> Option<i64> {
        let number = self.integer(key, min, max);
        self.required(key, number, "a whole number")
    }

    /// A number of hours that may be absent.
    pub fn hours(&mut self, key: &str) -> Option<Span> {
        let node = self.node(key)?;
        let text = self.text_of(node, key)?;
        let span = Span::parse_hours(text);
        if span.is_none() {
            self.bad_number(node.mark, key, text, "write hours as a number, such as 24 or 0.5");
        }
        span
    }

    /// A number of hours that must be there.
    pub fn hours_required(&mut self, key: &str) -> Option<Span> {
        let span = self.hours(key);
        self.required(key, span, "a number of hours")
    }

    fn bad_number(&mut self, mark: Mark, key: &str, text: &str, help: &str) {
        self.reading.problem(
            ProblemCode::BadNumber,
            mark,
            format!("`{key}` is no such number: `{text}`"),
            help,
        );
    }

    /// A word of a closed list that may be absent.
    pub fn word<T: Copy>(&mut self, key: &str, parse: fn(&str) -> Option<T>, all: &[&str]) -> Option<T> {
        let node = self.node(key)?;
        let text = self.text_of(node, key)?;
        self.word_of(text, node.mark, key, parse, all)
    }

    /// A word of a closed list that must be there.
    pub fn word_required<T: Copy>(
        &mut self,
        key: &str,
        parse: fn(&str) -> Option<T>,
        all: &[&str],
    ) -> Option<T> {
        let word = self.word(key, parse, all);
        // Most are there: what is only needed for a message is made for one.
        if word.is_none() {
            return self.required(key, None, &format!("one of {}", all.join(", ")));
        }
        word
    }

    /// The words of a list.
    pub fn words<T: Copy>(
        &mut self,
        key: &str,
        single: bool,
        parse: fn(&str) -> Option<T>,
        all: &[&str],
    ) -> Vec<T> {
        self.texts(key, single)
            .into_iter()
            .filter_map(|(text, mark)| self.word_of(text, mark, key, parse, all))
            .collect()
    }

    fn word_of<T: Copy>(
        &mut self,
        text: &str,
        mark: Mark,
        key: &str,
        parse: fn(&str) -> Option<T>,
        all: &[&str],
    ) -> Option<T> {
        let word = parse(text);
        if word.is_none() {
            // Acts have a code of their own: an unknown act may be a misspelled crossing.
            let code = if all == ActKind::WORDS {
                ProblemCode::UnknownAct
            } else {
                ProblemCode::BadWord
            };
            self.reading.problem(
                code,
                mark,
                format!("`{text}` is no value of `{key}`"),
                format!("use one of {}", all.join(", ")),
            );
        }
        word
    }

    /// An identifier that the item declares.
    pub fn declare<T: From<Arc<str>>>(&mut self, section: Section) -> Option<T> {
        let node = self.node("id");
        let text = self.text_required("id", "an identifier, unique in its section")?;
        let mark = node.map_or(self.mark, |node| node.mark);
        if let Some(corrected) = self.corrected(section, text) {
            self.corrects = Some(Arc::clone(&corrected));
            if *corrected == *text {
                return Some(corrected.into());
            }
        }
        let id: Arc<str> = text.into();
        let names_people = [Section::Subjects, Section::Cohorts];
        let other = names_people
            .contains(&section)
            .then(|| names_people[usize::from(section == Section::Subjects)]);
        if other.is_some() && text == SubjectId::EVERYONE {
            self.reading.problem(
                ProblemCode::ReservedId,
                mark,
                format!("`{text}` is no name of a subject or a cohort"),
                "the word stands for everybody; take another name",
            );
        }
        if let Some((other, first)) =
            other.and_then(|other| Some((other, self.reading.references.declared(other, text)?)))
        {
            self.reading.problem(
                ProblemCode::DuplicateId,
                mark,
                format!("`{text}` is declared in `{section}` and in `{other}`"),
                format!("it stands in line {} already; rename one of the two", first.line),
            );
        }
        if let Some(first) = self.reading.references.declare(section, Arc::clone(&id), mark) {
            self.reading.problem(
                ProblemCode::DuplicateId,
                mark,
                format!("`{text}` is declared twice in `{section}`"),
                format!("it stands in line {} already; rename one of the two", first.line),
            );
        }
        Some(id.into())
    }

    /// What the item of this name takes the place of, if it says so.
    fn corrected(&mut self, section: Section, own: &str) -> Option<Arc<str>> {
        let node = self.node("corrects")?;
        let corrected: Arc<str> = self.reference("corrects", section)?;
        if section.is_declaration() && *corrected != *own {
            self.reading.problem(
                ProblemCode::KeptDeclaration,
                node.mark,
                format!("an item of `{section}` keeps its name: other facts may name it"),
                format!(
                    "correct `{corrected}` under the same id: {{id: {corrected}, corrects: {corrected}, …}}"
                ),
            );
        }
        Some(corrected)
    }

    /// What the item takes the place of; known once its name has been read.
    pub fn corrects(&self) -> Option<FactId> {
        self.corrects.clone().map(FactId::from)
    }

    /// A reference that may be absent.
    pub fn reference<T: From<Arc<str>>>(&mut self, key: &str, section: Section) -> Option<T> {
        let node = self.node(key)?;
        let text = self.text_of(node, key)?;
        Some(
            self.reading
                .references
                .refer(section, None, text, node.mark)
                .into(),
        )
    }

    /// A reference that must be there.
    pub fn reference_required<T: From<Arc<str>>>(&mut self, key: &str, section: Section) -> Option<T> {
        let id = self.reference(key, section);
        if id.is_none() {
            return self.required(key, None, &format!("an identifier of `{section}`"));
        }
        id
    }

    /// The references of a list.
    pub fn references<T: From<Arc<str>>>(&mut self, key: &str, single: bool, section: Section) -> Vec<T> {
        self.texts(key, single)
            .into_iter()
            .map(|(text, mark)| self.reading.references.refer(section, None, text, mark).into())
            .collect()
    }

    /// Subjects and cohorts of a list that may be absent; the word `everyone`, alone or in the list, stands for
    /// everybody.
    pub fn subjects(&mut self, key: &str) -> Vec<SubjectId> {
        let is_everyone = self
            .node(key)
            .is_some_and(|node| matches!(&node.value, Value::Text(text) if text == SubjectId::EVERYONE));
        self.texts(key, is_everyone)
            .into_iter()
            .map(|(text, mark)| self.subject_of(text, mark))
            .collect()
    }

    /// Subjects and cohorts of a list that must be there, or everyone.
    pub fn subjects_required(&mut self, key: &str) -> Vec<SubjectId> {
        self.demand(key, "identifiers of `subjects` or `cohorts`, or everyone");
        self.subjects(key)
    }

    /// A subject, a cohort or everyone.
    pub fn subject_of(&mut self, text: &str, mark: Mark) -> SubjectId {
        if text == SubjectId::EVERYONE {
            return self.reading.references.share(text).into();
        }
        self.reading
            .references
            .refer(Section::Subjects, Some(Section::Cohorts), text, mark)
            .into()
    }

    /// The references of a list that must be there.
    pub fn references_required<T: From<Arc<str>>>(
        &mut self,
        key: &str,
        single: bool,
        section: Section,
    ) -> Vec<T> {
        if self.lacks_list(key) {
            self.demand(key, &format!("identifiers of `{section}`"));
        }
        self.references(key, single, section)
    }

    /// The references of a list that may be absent, which is not the same as empty.
    pub fn references_optional<T: From<Arc<str>>>(&mut self, key: &str, section: Section) -> Option<Vec<T>> {
        let list = self.references(key, true, section);
        if list.is_empty() { None } else { Some(list) }
    }

    /// Free texts, such as countries and safeguards, shared so that equal ones are stored once.
    pub fn shared<T: From<Arc<str>>>(&mut self, key: &str, single: bool) -> Vec<T> {
        self.texts(key, single)
            .into_iter()
            .map(|(text, _)| self.reading.references.share(text).into())
            .collect()
    }

    /// A free text that may be absent, shared.
    pub fn shared_text<T: From<Arc<str>>>(&mut self, key: &str) -> Option<T> {
        let text = self.text(key)?;
        Some(self.reading.references.share(text).into())
    }

    /// Every map of a list that may be absent.
    pub fn maps(&mut self, key: &str) -> &'n [Node<'t>] {
        let Some(node) = self.node(key) else {
            return &[];
        };
        if let Value::List(nodes) = &node.value {
            return nodes;
        }
        self.reading.problem(
            ProblemCode::Shape,
            node.mark,
            format!("`{key}` must be a list, found {}", node.shape()),
            "write it as a list of maps: [{…}, {…}]",
        );
        &[]
    }
}
