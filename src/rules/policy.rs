//! Check `policy`: every act, for every subject and field it names, follows the flow policies of the user.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::alike::{Alike, Attributes};
use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::flow::{Asked, Decider, Decisions, FlowPolicies, World};
use crate::graph::replay::Held;
use crate::graph::{Act, FieldNo, SubjectNo};
use crate::model::fact::Fact;
use crate::model::id::{Country, ProcessorId};
use crate::model::word::{ActKind, Role, Section};

/// One finding for each act and each policy that decides against it.
pub fn judge(
    case: &Case<'_>,
    text: &str,
    acts: &[ActKind],
    processors: Option<&Vec<ProcessorId>>,
    out: &mut Vec<Draft>,
) {
    // Readers refuse rules whose policies do not hold together.
    let (Ok(policies), Some(world)) = (FlowPolicies::read(text), world(case)) else {
        return;
    };
    let mut decisions = Decisions::new(&policies, world);
    let alike = Alike::new(case, policies.mentions());
    let mut known: FxHashMap<Attributes, Rc<[Decider]>> = FxHashMap::default();
    let limit = case.limit(processors);
    for (number, act) in case.judged_by(Kinds::ALL, limit.as_deref()) {
        if !(acts.is_empty() || acts.contains(&act.kind_on_record())) {
            continue;
        }
        let mut against: Vec<(Decider, Vec<SubjectNo>, Vec<FieldNo>)> = Vec::new();
        let of_act = alike.of_act(act);
        for ((subject, field), held) in act.pairs().zip(case.held(number)) {
            let roles = if alike.looks.roles {
                roles(case, *held)
            } else {
                Vec::new()
            };
            let deciders = known
                .entry(alike.of_pair(of_act, act, (subject, field), &roles))
                .or_insert_with(|| decisions.deciders(&asked(case, act, subject, field, &roles)));
            for decider in deciders.iter() {
                if let Some((_, subjects, fields)) = against.iter_mut().find(|(other, _, _)| other == decider)
                {
                    subjects.push(subject);
                    fields.push(field);
                } else {
                    against.push((decider.clone(), vec![subject], vec![field]));
                }
            }
        }
        for (decider, subjects, fields) in against {
            let witness = case.path_unless_collect(number, case.least_field(&fields), &subjects);
            let mut draft = Draft::of_act(number, act, act.actor, decider.reason())
                .because([decider.name()])
                .subjects(subjects)
                .fields(fields)
                .witness(witness);
            draft.decided_by = decider.policy().cloned().map(Box::new);
            out.push(draft);
        }
    }
}

fn world(case: &Case<'_>) -> Option<World> {
    macro_rules! of {
        ($kind:ident in $section:ident) => {
            case.facts_in(Section::$section, |fact| match fact {
                Fact::$kind(fact) => Some(fact),
                _ => None,
            })
            .map(|(fact, _)| fact)
        };
    }
    let things = &case.history.things;
    World::new(
        of!(Processor in Processors),
        of!(Category in Categories),
        of!(Field in Fields),
        of!(Purpose in Purposes),
        |field| {
            things
                .fields()
                .get(field)
                .is_some_and(|field| things.is_sensitive(field))
        },
    )
}

fn asked<'c>(
    case: &'c Case<'_>,
    act: &'c Act,
    subject: SubjectNo,
    field: FieldNo,
    roles: &'c [Role],
) -> Asked<'c> {
    let things = &case.history.things;
    let processor = |number| things.processors().id(number);
    let stored: Option<&Country> = act.location.as_ref();
    let received = act.taker().and_then(|to| things.country_at(to, act.at));
    Asked {
        actor: processor(act.actor),
        kind: act.kind_on_record(),
        field: things.fields().id(field),
        subject: case.history.subjects().id(subject),
        at: act.at,
        is_minor: case.coverage.is_minor(subject, act.at),
        is_sensitive: things.is_sensitive(field),
        state: things.state(field),
        categories: things.categories_of(field),
        is_crossing: case.history.is_crossing(act),
        organization: processor(things.organization(act.actor, act.at)),
        recipient_organization: act.taker().map(|to| processor(things.organization(to, act.at))),
        safeguards: case.history.safeguards().id(act.safeguards),
        roles,
        purpose: act.purpose.map(|purpose| things.purposes().id(purpose)),
        recipient: act.taker().map(processor),
        source: act.source.map(processor),
        country_from: things.country_at(act.actor, act.at),
        country_to: stored.or(received),
    }
}

/// How the actor holds the pair, each role once, in the order of the words.
fn roles(case: &Case<'_>, held: Held) -> Vec<Role> {
    let mut roles: Vec<Role> = match held {
        Held::Copies(stretch) => case
            .replay
            .copies_in(stretch)
            .iter()
            .map(|copy| case.replay.copy(*copy).role)
            .collect(),
        Held::Deleted(_) | Held::Nothing | Held::NotLooked => Vec::new(),
    };
    roles.sort_unstable();
    roles.dedup();
    roles
}
