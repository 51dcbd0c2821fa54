//! Instants of facts that may be known by their bounds only: where each stands, and what is kept of it.

use super::fact::{Agreement, Assessment, Fact};
use super::time::Instant;

/// Where an instant stands in a fact: under a key, or under a key of an entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstantKey {
    /// The key of the list, and the number of the entry, from 0.
    list: Option<(&'static str, usize)>,
    key: &'static str,
}

impl InstantKey {
    /// Under this key of the fact.
    pub fn plain(key: &'static str) -> Self {
        Self { list: None, key }
    }

    /// What is under this key of an entry, in its list.
    #[must_use]
    pub fn inside(self, list: &'static str, number: usize) -> Self {
        Self {
            list: Some((list, number)),
            ..self
        }
    }

    /// The instant of the move of this number.
    pub fn of_move(number: usize) -> Self {
        Self::plain("at").inside("moves", number)
    }

    /// The number of the entry that it stands in, of the list under this key.
    pub fn entry_of(self, list: &str) -> Option<usize> {
        self.list
            .filter(|(own, _)| *own == list)
            .map(|(_, number)| number)
    }
}

/// `until`, `moves[0].at`.
impl std::fmt::Display for InstantKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some((list, number)) = self.list {
            write!(f, "{list}[{number}].")?;
        }
        f.write_str(self.key)
    }
}

/// An instant of a fact that is known by its bounds, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounded {
    /// Where it stands.
    pub key: InstantKey,
    /// Not before this.
    pub earliest: Instant,
    /// Not after this.
    pub latest: Instant,
}

impl Fact {
    /// The instant that stands there, of facts whose instants may be known by their bounds only.
    pub fn instant_mut(&mut self, key: InstantKey) -> Option<&mut Instant> {
        let InstantKey { list, key } = key;
        if let Some((list, number)) = list {
            return self.listed_instant_mut(list, number, key);
        }
        match (self, key) {
            (Self::Subject(x), "died") => x.died.as_mut(),
            (Self::Processor(x), "ceased") => x.ceased.as_mut(),
            (Self::Purpose(x), "ended") => x.ended.as_mut(),
            (Self::Authorization(x), "withdrawn") => x.withdrawn.as_mut(),
            (Self::Authorization(x), _) => edge(key, &mut x.from, &mut x.until),
            (Self::Agreement(Agreement::Delegation(x)), _) => edge(key, &mut x.from, &mut x.until),
            (Self::Agreement(Agreement::Confidentiality(x) | Agreement::Partner(x)), _) => {
                edge(key, &mut x.from, &mut x.until)
            }
            (Self::Agreement(Agreement::Joint(x)), _) => edge(key, &mut x.from, &mut x.until),
            (Self::Mechanism(x), _) => edge(key, &mut x.from, &mut x.until),
            (Self::Evidence(x), _) => edge(key, &mut x.from, &mut x.until),
            (Self::Choice(x), "at") => Some(&mut x.at),
            (Self::Assessment(Assessment::Impact { at, .. } | Assessment::Recipient { at, .. }), "at") => {
                Some(at)
            }
            (Self::Notice(x), "at") => Some(&mut x.at),
            (Self::Request(x), "at") => Some(&mut x.at),
            (Self::Request(x), "answered") => x.answered.as_mut(),
            (Self::Request(x), "verified") => x.verified.as_mut(),
            (Self::Closure(x), "at") => Some(&mut x.at),
            (Self::Termination(x), "at") => Some(&mut x.at),
            (Self::Audit(x), "at") => Some(&mut x.at),
            (Self::Audit(x), "notified") => x.notified.as_mut(),
            (Self::Policy(x), "effective") => Some(&mut x.effective),
            (Self::Policy(x), "published") => x.published.as_mut(),
            (Self::Policy(x), "announced") => x.announced.as_mut(),
            (Self::Incident(x), "known") => Some(&mut x.known),
            (Self::Incident(x), "suspected") => x.suspected.as_mut(),
            (Self::Incident(x), "regulator_told") => x.regulator_told.as_mut(),
            (Self::Incident(x), "platform_told") => x.platform_told.as_mut(),
            (_, _) => None,
        }
    }

    /// Whether what stands there is the instant of a move into another processor, or out of one.
    pub fn is_inward(&self, key: InstantKey) -> bool {
        let Self::Processor(processor) = self else {
            return false;
        };
        let change = key
            .entry_of("moves")
            .and_then(|number| processor.moves.get(number));
        change.is_some_and(|change| change.inside.is_some())
    }

    fn listed_instant_mut(&mut self, list: &str, number: usize, key: &str) -> Option<&mut Instant> {
        match (self, list, key) {
            (Self::Processor(x), "moves", "at") => x.moves.get_mut(number).map(|moved| &mut moved.at),
            (Self::Processor(x), "safeguard_periods", _) => {
                let period = x.safeguard_periods.get_mut(number)?;
                edge(key, &mut period.from, &mut period.until)
            }
            (Self::Incident(x), "subjects_told", "at") => x.subjects_told.get_mut(number).map(|(_, at)| at),
            (Self::Audit(x), "remedies", "due") => x.remedies.get_mut(number).map(|remedy| &mut remedy.due),
            (Self::Audit(x), "remedies", "done") => {
                x.remedies.get_mut(number).and_then(|remedy| remedy.done.as_mut())
            }
            (_, _, _) => None,
        }
    }
}

/// The beginning or the end of an interval.
fn edge<'a>(key: &str, from: &'a mut Instant, until: &'a mut Option<Instant>) -> Option<&'a mut Instant> {
    match key {
        "from" => Some(from),
        "until" => until.as_mut(),
        _ => None,
    }
}
