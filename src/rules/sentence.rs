//! One sentence for people: who did what with whose data, when, and why that is wrong.

use std::fmt::Write as _;

use crate::model::finding::{Finding, Step};
use crate::model::id::{FieldId, SubjectId};
use crate::model::rule::Check;
use crate::model::time::Zone;
use crate::model::word::{ActKind, Method};

/// The sentence of a finding, with instants in the zone of the fact set.
pub fn sentence(finding: &Finding, check: &Check, act: Option<&Step>, zone: &Zone) -> String {
    let why = why(finding, check);
    let on = |bounds: Option<_>, at| match bounds {
        Some(bounds) => zone.tell_between(bounds),
        None => format!("on {}", zone.print(at)),
    };
    let mut text = String::with_capacity(LENGTH_EXPECTED);
    match (act, &finding.culprit) {
        (Some(step), _) if !finding.during.is_empty() => {
            let stretches: Vec<String> = finding.during.iter().map(|during| zone.tell(*during)).collect();
            did(finding, step, &mut text);
            text.push(' ');
            list(stretches.iter().map(String::as_str), &mut text);
        }
        (Some(step), _) if step.at == finding.at => {
            did(finding, step, &mut text);
            text.extend([" ", &on(finding.between, finding.at)]);
        }
        (Some(step), _) => {
            did(finding, step, &mut text);
            text.extend([" ", &on(step.between, step.at)]);
        }
        (None, culprit) => {
            text.extend([culprit.as_str(), " at ", finding.processor.as_str()]);
            if !finding.subjects.is_empty() {
                text.push_str(", about ");
                data(finding, &mut text);
            }
        }
    }
    text.extend([": ", &why]);
    // When it began, if that was not said.
    let is_said = |step: &Step| !finding.during.is_empty() || step.at == finding.at;
    if !act.is_some_and(is_said) {
        text.extend([" (since ", &zone.print(finding.at), ")"]);
    }
    text.push('.');
    text
}

/// Most sentences are shorter.
const LENGTH_EXPECTED: usize = 192;

/// `zhima shared zhima-score of bo with rental-sg for overseas.rental-check`
fn did(finding: &Finding, step: &Step, text: &mut String) {
    let actor = step.actor.as_ref().map_or("somebody", |id| id.as_str());
    let recipient = step.recipient.as_ref().map_or("the public", |id| id.as_str());
    // Who, what, and around whoever receives it.
    let (who, verb, receives) = match step.kind {
        ActKind::Collect => (recipient, "collected", None),
        ActKind::Derive => {
            let verb = match step.method {
                Some(Method::Reidentify) => "re-identified",
                Some(Method::Anonymize) => "anonymized",
                Some(Method::Deidentify) => "de-identified",
                None => "made",
            };
            (actor, verb, None)
        }
        ActKind::Use => (actor, "used", None),
        ActKind::Store => (actor, "stored", None),
        ActKind::Share => (actor, "shared", Some((" with ", ""))),
        ActKind::Verify => (actor, "sent", Some((" to ", " to be verified"))),
        ActKind::Disclose => (actor, "disclosed", Some((" to ", ""))),
        ActKind::Delegate => (actor, "delegated", Some((" to ", ""))),
        ActKind::Assign => (actor, "assigned", Some((" to ", ""))),
        ActKind::Correct => (actor, "corrected", None),
        ActKind::Restrict => (actor, "restricted", None),
        ActKind::Delete => (actor, "deleted", None),
    };
    text.extend([who, " ", verb, " "]);
    if step.kind == ActKind::Derive {
        list(step.makes.iter().map(FieldId::as_str), text);
        text.push_str(" from ");
        list(step.fields.iter().map(FieldId::as_str), text);
    } else {
        data(finding, text);
    }
    if let Some((before, behind)) = receives {
        text.extend([before, recipient, behind]);
    }
    if let (ActKind::Collect, Some(source)) = (step.kind, &step.actor) {
        text.extend([" from ", source.as_str()]);
    }
    if let Some(purpose) = &step.purpose {
        text.extend([" for ", purpose.as_str()]);
    }
}

fn data(finding: &Finding, text: &mut String) {
    if !finding.fields.is_empty() {
        list(finding.fields.iter().map(FieldId::as_str), text);
        text.push_str(" of ");
    }
    list(finding.subjects.iter().map(SubjectId::as_str), text);
}

/// The first few names, and how many more there are.
fn list<'n>(names: impl ExactSizeIterator<Item = &'n str>, text: &mut String) {
    const SHOWN_MAX: usize = 4;
    let total = names.len();
    for (i, name) in names.take(SHOWN_MAX).enumerate() {
        let between = if i == 0 { "" } else { ", " };
        text.extend([between, name]);
    }
    if total > SHOWN_MAX {
        let _ = write!(text, " and {} more", total - SHOWN_MAX);
    }
}

fn why(finding: &Finding, check: &Check) -> String {
    let mut because = String::new();
    list(finding.because.iter().map(String::as_str), &mut because);
    let reason = finding.reason.as_str();
    let (head, tail) = reason.split_once(':').unwrap_or((reason, ""));
    match head {
        "withdrawn" => format!("{because} had been withdrawn"),
        "expired" => format!("{because} had expired"),
        "guardian" => format!("the subject is a minor and {because} was not given by a guardian"),
        "grade" => format!("the consent {because} is too weak for this act"),
        "purpose" | "purpose-outside-agreement" => format!("{because} does not cover this purpose"),
        "field" => format!("{because} does not cover this data"),
        "recipient" => format!("{because} does not name this recipient"),
        "act" => format!("{because} does not cover this kind of act"),
        "not-yet" => format!("{because} was not in force yet"),
        "none" if tail.is_empty() => "no authorization comes near it".to_owned(),
        "none" => format!("no impact assessment covers it ({tail})"),
        "stale" => format!("the impact assessment {because} was too old by then ({tail})"),
        "late" => format!("the impact assessment {because} came later ({tail})"),
        "prohibited-category" => "this kind of data is never to be acquired".to_owned(),
        "unlawful-source" => format!("{because} has no lawful source for it"),
        "not-needed-for-purpose" => format!("{because} does not need it"),
        "too-frequent" => "it was collected too soon after the last time".to_owned(),
        "consent-tied-to-service" => {
            "a service was refused without this consent, though it needs it for nothing".to_owned()
        }
        "supplied-again" => format!("{because} brought it back at once"),
        "no-alternative" => "no other way is offered to somebody who does not consent".to_owned(),
        "stored-abroad" => "the place of storage is not allowed".to_owned(),
        "mechanism-none" => "it crossed the border without any transfer mechanism".to_owned(),
        "mechanism-expired" => {
            format!("it crossed the border after the transfer mechanism {because} had expired")
        }
        "mechanism-not-yet" => format!("it crossed the border before the transfer mechanism {because} began"),
        "relocation-mechanism-none" => {
            "the holder moved abroad with it, without any transfer mechanism".to_owned()
        }
        "relocation-mechanism-expired" => {
            "the holder moved abroad with it after its transfer mechanism had expired".to_owned()
        }
        "relocation-mechanism-not-yet" => {
            "the holder moved abroad with it before its transfer mechanism began".to_owned()
        }
        "confidentiality-none" => "the two parties never had a secrecy agreement".to_owned(),
        "confidentiality-expired" => format!("no secrecy agreement was in force ({because})"),
        "missing" if matches!(check, Check::Evidence { .. }) => {
            format!("there is no evidence of {tail} on record")
        }
        "missing" => format!("it lacked the safeguards {tail}"),
        "lapsed" => format!("the evidence of {tail} is not valid any more"),
        "never-assessed" => "the recipient was never assessed".to_owned(),
        "assessed-late" => format!("the recipient was assessed only later ({because})"),
        "identified-data" => "the data had to be made less identifiable first".to_owned(),
        "after-optout" => format!("the subject had switched this off ({because})"),
        "flow-after-termination" => format!("the cooperation had been ended ({because})"),
        "not-held" => "the record says it was never held, so nothing was passed on".to_owned(),
        "still-held" => "no deletion is on record, and its time is over".to_owned(),
        "deleted-late" => "it was kept beyond its time".to_owned(),
        "no-period-declared" => "no retention period was declared for it".to_owned(),
        "used-after-deletion" => format!("it had been deleted ({because}) and never acquired again"),
        "copy-downstream" => format!(
            "{because} deleted it at its origin, but {} still has a copy",
            finding.processor
        ),
        "not-cleared" => "data of the closed account is still there".to_owned(),
        "activity-after-close" => format!("the account had been closed ({because})"),
        "reidentified" => format!("{because} was anonymous"),
        "anonymity-defeated-later" => format!("{because} later showed that it was not anonymous"),
        "protected-attribute-in-decision" => "a decision descends from a protected attribute".to_owned(),
        "sub-delegation-not-permitted" => "no agreement permits passing the work on".to_owned(),
        "agreement-none" => "no delegation agreement was in force".to_owned(),
        "agreement-ended" => format!("the delegation agreement had ended ({because})"),
        "field-outside-agreement" => format!("{because} does not list this data"),
        "agreement-not-written" => format!("{because} is not in writing"),
        "delegate-not-affiliated" => format!("{because} does not belong to the group"),
        "delegate-own-purpose" => "it was held on another's behalf only, for other purposes".to_owned(),
        "kept-after-agreement" => "the agreement is over and the delegate still has copies".to_owned(),
        "not-told-before" => "the subjects were not told before".to_owned(),
        "effective-before-published" => "the policy took effect before anybody could read it".to_owned(),
        "major-change-unannounced" => "a major change was not announced before it took effect".to_owned(),
        "subjects-not-told" => "the subjects were never told of the incident".to_owned(),
        "regulator-not-told" => "the regulator was never told of the incident".to_owned(),
        "platform-not-told" => "the platform was never told of the incident".to_owned(),
        "subjects-told-late" => "the subjects were told of the incident too late".to_owned(),
        "regulator-told-late" => "the regulator was told of the incident too late".to_owned(),
        "platform-told-late" => "the platform was told of the incident too late".to_owned(),
        "never-answered" => "the request was never answered".to_owned(),
        "answered-late" => "the request was answered too late".to_owned(),
        "no-reason-given" => "the request was refused without a reason".to_owned(),
        "below" => format!("it lacks safeguards that {because} has: {tail}"),
        "audit-without-notice-period" => "the audit was announced too late".to_owned(),
        "remedy-overdue" => "what the audit found has not been put right".to_owned(),
        "remedy-late" => "what the audit found was put right too late".to_owned(),
        "policy" if tail == "none" => "no flow policy permits it".to_owned(),
        "policy" => format!("the flow policy {because} forbids it"),
        "policy-error" => format!("the flow policy {because} could not be evaluated, so nobody knows"),
        _ => why_by_law(finding, head, tail, &because),
    }
}

/// The reasons of the checks on grounds, notices, policies, audits and ended purposes.
fn why_by_law(finding: &Finding, head: &str, tail: &str, because: &str) -> String {
    match head {
        "no-service-named" => format!("{because} rests on a contract and names no service"),
        "beyond-service" => format!("{because} reaches beyond the service of the contract"),
        "no-citation" => format!("{because} cites no law, order or case"),
        "no-end" => format!("{because} rests on an emergency and has no end"),
        "recipient-no-authority" => "the recipient is no authority".to_owned(),
        "other-purpose" => format!("{because} carries more than a stable and safe service"),
        "ground-not-recognized" => format!("the law does not know the ground of {because}"),
        "outside-joint-agreement" => "it was received under joint control, for other purposes".to_owned(),
        "no-policy-in-force" => "no policy was in force".to_owned(),
        "undeclared" => format!("the policy in force ({because}) does not declare it"),
        "service-without-policy" => "no policy in force is for this service".to_owned(),
        "change-not-told" => format!("nobody told the subjects that {because} brings this purpose"),
        "source-not-public" => "it did not come from a public source".to_owned(),
        "access-without-purpose" => "the role may see it for no purpose".to_owned(),
        "access-not-needed" => format!("the work of the role does not need it ({because})"),
        "content-missing" => format!("people were not told of it all; missing: {tail}"),
        "announced-though-reachable" => "it was announced, although these people could be reached".to_owned(),
        "found-by-another" => "somebody else had to find the incident".to_owned(),
        "collected-after-ceasing" => "the business had ceased".to_owned(),
        "not-told-of-ceasing" => "people were not told that the business ceases".to_owned(),
        "kept-after-ceasing" => "the business had ceased and data is still there".to_owned(),
        "embedded-without-agreement" => format!("{because} lets it collect without an agreement"),
        "foreign-authority" => "a foreign authority got it without a lawful route".to_owned(),
        "no-ground" => "it was handed over for good without explicit consent or another ground".to_owned(),
        "stale-downstream" => format!(
            "{because} put it right at its origin, but {} still has it as it was",
            finding.processor
        ),
        "used-while-restricted" => format!("{because} had restricted it, and nothing had lifted that"),
        "right-missing" => format!("{because} does not tell of the rights {tail}"),
        "relative-refused" => "relatives of the deceased were refused what they may ask for".to_owned(),
        "beyond-rights-of-relatives" => "relatives got more than they may ask for".to_owned(),
        "answered-unverified" => "it was granted before identity was checked".to_owned(),
        "never-audited" => "it was never audited, and its time is over".to_owned(),
        "audit-overdue" => format!("the last audit is too long ago ({because})"),
        "auditor-not-independent" => "the auditor was not independent".to_owned(),
        "cooperation-refused" => "the audited party did not cooperate".to_owned(),
        "not-kept" => format!("nothing is kept with {because} to prove it: {tail}"),
        "implied-acceptance" => format!("{because} was never given: somebody only went on, or said nothing"),
        "relation-none" => "the recipient never was a partner".to_owned(),
        "relation-ended" => "the relation with the recipient was not in force".to_owned(),
        "anonymity-unsupported" => "it is said to be anonymous and was not made so".to_owned(),
        "deidentification-unsupported" => "it is said to be de-identified and was not made so".to_owned(),
        "never-used" => "it was collected and never used".to_owned(),
        "used-after-purpose" => format!("the purpose {because} had ended"),
        "kept-after-purpose" => format!("the purpose {because} has ended and the data is still there"),
        "deleted-early" => "it had to be kept longer".to_owned(),
        "tainted-source" => format!("it descends from {because}, which took it from an unlawful source"),
        "no-warranty" => format!("{because} has nothing on record to vouch for it"),
        "reason-not-listed" => "the request was refused for a reason that is not allowed".to_owned(),
        other => other.replace('-', " "),
    }
}
