//! Check `declared`: what is done stands in the policy version in force (GDPR 13; PIPL 17).

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::{Act, CategoryNo, FieldNo, ProcessorNo, PurposeNo};
use crate::model::fact::{Declared, PolicyVersion};
use crate::model::id::{FactId, ProcessorId};
use crate::model::word::ActKind;

/// Judges what processors do with personal data for a purpose against the version in force at that instant. A version
/// that declares nothing at all says nothing. Without a limit only processors that have a policy are judged.
pub fn judge(case: &Case<'_>, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let policies = case.policies_by_processor();
    let entries = entries(case, &policies);
    for (number, act) in case.judged_by(Kinds::of(DECLARED), limit.as_deref()) {
        let (has_policy, version) = case.policy_of(&policies, act.actor, act.at);
        if !has_policy && limit.is_none() {
            continue;
        }
        let (reason, fields) = match version {
            None => ("no-policy-in-force", case.personal_fields(act)),
            Some(version) => match entries.get(&version.id) {
                Some(entries) => ("undeclared", undeclared(case, act, entries)),
                None => continue,
            },
        };
        let Some(first) = fields.first().copied() else {
            continue;
        };
        let witness = case.path_unless_collect(number, Some(first), &act.subjects);
        out.push(
            Draft::of_act(number, act, act.actor, reason)
                .fields(fields)
                .because(version.map(|version| &version.id))
                .witness(witness),
        );
    }
}

/// What a policy declares.
const DECLARED: &[ActKind] = &[
    ActKind::Collect,
    ActKind::Derive,
    ActKind::Use,
    ActKind::Share,
    ActKind::Verify,
    ActKind::Disclose,
    ActKind::Delegate,
    ActKind::Assign,
];

/// An entry of a version, in numbers.
struct Entry<'f> {
    declared: &'f Declared,
    purposes: Vec<PurposeNo>,
    categories: Vec<CategoryNo>,
    fields: Vec<FieldNo>,
}

/// The entries of each version, by its name; a version that declares nothing at all is not among them.
fn entries<'f>(
    case: &Case<'f>,
    versions: &FxHashMap<ProcessorNo, Vec<&'f PolicyVersion>>,
) -> FxHashMap<&'f FactId, Vec<Entry<'f>>> {
    let things = &case.history.things;
    let entry = |declared: &'f Declared| Entry {
        declared,
        purposes: things.purpose_numbers(&declared.purposes),
        categories: things.category_numbers(&declared.data.categories),
        fields: things.field_numbers(&declared.data.fields),
    };
    versions
        .values()
        .flatten()
        .filter_map(|version| {
            let declares = version.declares.as_ref()?;
            Some((&version.id, declares.iter().map(entry).collect()))
        })
        .collect()
}

fn undeclared(case: &Case<'_>, act: &Act, entries: &[Entry<'_>]) -> Vec<FieldNo> {
    let things = &case.history.things;
    let fitting: Vec<&Entry<'_>> = entries.iter().filter(|entry| fits(case, act, entry)).collect();
    case.fields_of(act, |field| {
        let is_meant =
            |entry: &&Entry<'_>| entry.fields.contains(&field) || things.is_in(field, &entry.categories);
        things.is_personal(field) && !fitting.iter().any(is_meant)
    })
}

/// Whether the declaration speaks of such an act, whatever its data.
fn fits(case: &Case<'_>, act: &Act, entry: &Entry<'_>) -> bool {
    let things = &case.history.things;
    let declared = entry.declared;
    act.purpose
        .is_some_and(|purpose| things.serves(purpose, &entry.purposes))
        && declared.acts.as_ref().is_none_or(|acts| acts.contains(&act.kind))
        && declared.recipients.as_ref().is_none_or(|recipients| {
            act.recipient
                .is_none_or(|to| case.is_one_of(recipients, to, act.at))
        })
}
