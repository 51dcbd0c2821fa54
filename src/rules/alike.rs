//! Acts that flow policies cannot tell apart, found by numbers: names are looked at for the first of them alone.

use super::case::Case;
use crate::flow::{Looks, Mentions, millis};
use crate::graph::number::Number;
use crate::graph::{Act, FieldNo, ProcessorNo, SubjectNo};
use crate::model::id::Country;
use crate::model::time::Instant;
use crate::model::word::{ActKind, Role, State};

/// What policies look at, of one act and one pair. A number is one more than that of the thing; 0 stands for none, and for
/// what they do not look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attributes {
    kind: ActKind,
    instant: i64,
    /// Bits: minor, sensitive, crossing, internal, then one for each role.
    flags: u8,
    state: Option<State>,
    things: [u32; 11],
}

const ACTOR: usize = 0;
const ORGANIZATION: usize = 1;
const RECIPIENT: usize = 2;
const RECIPIENT_ORGANIZATION: usize = 3;
const SOURCE: usize = 4;
const PURPOSE: usize = 5;
const SAFEGUARDS: usize = 6;
const COUNTRY_FROM: usize = 7;
const COUNTRY_TO: usize = 8;
const SUBJECT: usize = 9;
/// Its categories go with it.
const FIELD: usize = 10;

/// Which acts some policies cannot tell apart.
pub struct Alike<'c, 'f> {
    case: &'c Case<'f>,
    mentions: &'c Mentions,
    /// What of the context they look at.
    pub looks: Looks,
    countries: Vec<&'c Country>,
    /// For each processor the number of its country, if it always is in that one or always in none.
    stays_in: Vec<Option<u32>>,
}

impl<'c, 'f> Alike<'c, 'f> {
    /// Those policies that mention this.
    pub fn new(case: &'c Case<'f>, mentions: &'c Mentions) -> Self {
        let mut alike = Self {
            case,
            mentions,
            looks: Looks::new(mentions),
            countries: Vec::new(),
            stays_in: Vec::new(),
        };
        let things = &case.history.things;
        let facts = things
            .processors()
            .all()
            .map(|processor| things.processor(processor));
        let moved = |fact: &'c crate::model::fact::Processor| {
            fact.moves.iter().filter_map(|change| change.country.as_ref())
        };
        let stored = case.history.acts().iter().filter_map(|act| act.location.as_ref());
        let all = facts.flat_map(|fact| fact.country.iter().chain(moved(fact)));
        let mut countries: Vec<&Country> = all.chain(stored).collect();
        countries.sort_unstable();
        countries.dedup();
        alike.countries = countries;
        alike.stays_in = things
            .processors()
            .all()
            .map(|processor| {
                let stays = things.moves_of(processor).is_empty();
                let at = Instant::from_micros(0);
                stays.then(|| alike.number_of(things.country_at(processor, at)))
            })
            .collect();
        alike
    }

    /// What is the same for all pairs of the act.
    pub fn of_act(&self, act: &Act) -> Attributes {
        let looks = &self.looks;
        let things = &self.case.history.things;
        let organization = |processor| things.organization(processor, act.at);
        let taker = act.taker();
        let mut attributes = Attributes {
            kind: act.kind_on_record(),
            instant: self.mentions.instant.bucket(millis(act.at)),
            flags: 0,
            state: None,
            things: [0; 11],
        };
        let mut put = |place: usize, is_looked_at: bool, number: Option<u32>| {
            if is_looked_at {
                attributes.things[place] = number.unwrap_or(0);
            }
        };
        put(ACTOR, self.mentions.principal, one_more(act.actor));
        put(RECIPIENT, looks.recipient, taker.and_then(one_more));
        put(SOURCE, looks.source, act.source.and_then(one_more));
        put(PURPOSE, looks.purpose, act.purpose.and_then(one_more));
        put(SAFEGUARDS, looks.safeguards, one_more(act.safeguards));
        if looks.organization {
            put(ORGANIZATION, true, one_more(organization(act.actor)));
        }
        if looks.recipient_organization {
            let theirs = taker.map(organization);
            put(RECIPIENT_ORGANIZATION, true, theirs.and_then(one_more));
        }
        if looks.country_from {
            put(COUNTRY_FROM, true, Some(self.country(act.actor, act.at)));
        }
        if looks.country_to {
            let stored = act.location.as_ref().map(|country| self.number_of(Some(country)));
            let received = || taker.map(|to| self.country(to, act.at));
            put(COUNTRY_TO, true, stored.or_else(received));
        }
        let is_internal =
            || taker.is_some_and(|to| to != act.actor && organization(to) == organization(act.actor));
        attributes.flags |= u8::from(looks.crossing && self.case.history.is_crossing(act)) << 2;
        attributes.flags |= u8::from(looks.internal && is_internal()) << 3;
        attributes
    }

    /// The same with what the pair adds, which the actor holds in these roles.
    pub fn of_pair(
        &self,
        of_act: Attributes,
        act: &Act,
        (subject, field): (SubjectNo, FieldNo),
        roles: &[Role],
    ) -> Attributes {
        let looks = &self.looks;
        let things = &self.case.history.things;
        let mut attributes = of_act;
        let is_minor = looks.minor && self.case.coverage.is_minor(subject, act.at);
        attributes.flags |= u8::from(is_minor);
        attributes.flags |= u8::from(looks.sensitive && things.is_sensitive(field)) << 1;
        if looks.roles {
            for (bit, role) in (4..).zip(Role::ALL) {
                attributes.flags |= u8::from(roles.contains(role)) << bit;
            }
        }
        attributes.state = looks.state.then(|| things.state(field));
        if looks.subject {
            attributes.things[SUBJECT] = one_more(subject).unwrap_or(0);
        }
        if self.mentions.resource || looks.categories {
            attributes.things[FIELD] = one_more(field).unwrap_or(0);
        }
        attributes
    }

    fn country(&self, processor: ProcessorNo, at: Instant) -> u32 {
        self.stays_in[processor.index()]
            .unwrap_or_else(|| self.number_of(self.case.history.things.country_at(processor, at)))
    }

    fn number_of(&self, country: Option<&Country>) -> u32 {
        let found = country.and_then(|country| self.countries.binary_search(&country).ok());
        found.and_then(|place| u32::try_from(place + 1).ok()).unwrap_or(0)
    }
}

fn one_more(number: impl Number) -> Option<u32> {
    u32::try_from(number.index() + 1).ok()
}
