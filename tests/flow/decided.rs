//! Decisions that are remembered are the decisions that would be made anew.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use wherefore::flow::{Asked, Decisions, FlowPolicies, World};
use wherefore::import::{self, Format};
use wherefore::model::fact::Fact;
use wherefore::model::id::{CategoryId, Country, FieldId, ProcessorId, PurposeId, Safeguard, SubjectId};
use wherefore::model::time::Instant;
use wherefore::model::word::{ActKind, Role, State};

/// Texts that look at different attributes, alone and together.
pub const TEXTS: &[&str] = &[
    "",
    "@id(\"a\") forbid (principal == Processor::\"p0\", action, resource);",
    "@id(\"a\") forbid (principal, action, resource in Category::\"c0\");",
    "@id(\"a\") forbid (principal, action, resource) when { resource.sensitive };",
    "@id(\"a\") forbid (principal, action, resource) when { principal.kind == \"delegate\" };",
    "@id(\"a\") forbid (principal, action, resource) when { context.minor };",
    "@id(\"a\") forbid (principal, action, resource) when { context.crossing };",
    "@id(\"a\") forbid (principal, action, resource) when { context.sensitive };",
    "@id(\"a\") forbid (principal, action, resource) when { context.state == \"deidentified\" };",
    "@id(\"a\") forbid (principal, action, resource) when { context.roles.contains(\"delegated\") };",
    "@id(\"a\") forbid (principal, action, resource) when { context.safeguards.contains(\"s0\") };",
    "@id(\"a\") forbid (principal, action, resource) when { context.categories.contains(Category::\"c1\") };",
    "@id(\"a\") forbid (principal, action, resource) when { context.subject == Subject::\"u0\" };",
    "@id(\"a\") forbid (principal, action, resource) when { context has purpose };",
    "@id(\"a\") forbid (principal, action, resource) when { context has purpose && context.purpose in Purpose::\"w0\" };",
    "@id(\"a\") forbid (principal, action, resource) unless { context has recipient && context.recipient == Processor::\"p1\" };",
    "@id(\"a\") forbid (principal, action, resource) when { context has source };",
    "@id(\"a\") forbid (principal, action, resource) when { context.internal };",
    "@id(\"a\") forbid (principal, action, resource) when { context.organization == Processor::\"p1\" };",
    "@id(\"a\") forbid (principal, action, resource) when { context has recipient_organization && context.recipient_organization != context.organization };",
    "@id(\"a\") forbid (principal, action, resource) when { context has country_to && context.country_to == \"DE\" };",
    "@id(\"a\") forbid (principal, action, resource) when { context has country_from && context has country_to && context.country_from == context.country_to };",
    "@id(\"a\") forbid (principal, action, resource) when { context.at < datetime(\"1970-01-01T00:00:00.003Z\") };",
    "@id(\"a\") forbid (principal, action, resource) when { datetime(\"1970-01-01T00:00:00.003Z\") == context.at };",
    "@id(\"a\") forbid (principal, action, resource) when { context.at >= datetime(\"1970-01-01T00:00:00.002Z\") && context.at != datetime(\"1970-01-01T00:00:00.005Z\") };",
    "@id(\"a\") forbid (principal, action, resource) when { context.at.offset(duration(\"1ms\")) > datetime(\"1970-01-01T00:00:00.004Z\") };",
    "@id(\"a\") forbid (principal, action, resource) when { [context.minor, context.crossing].contains(true) };",
    "@id(\"a\") forbid (principal, action == Action::\"share\", resource) when { 9223372036854775807 + 1 > 0 };\n@id(\"b\") forbid (principal, action, resource) when { context.minor };",
];

const THINGS: &str = "
scenario: world
as_of: 2025-01-01T00:00:00Z
processors: [{id: p0, kind: controller}, {id: p1, kind: controller, group: g}, {id: p2, kind: delegate}]
categories: [{id: c0}, {id: c1, parent: c0, sensitive: true}, {id: c2}]
fields: [{id: f0, category: c0}, {id: f1, category: c1}, {id: f2, category: c2}]
purposes: [{id: w0}, {id: w1, parent: w0}]
";

fn world() -> World {
    let document = import::read_alone(THINGS, "world.yaml", Format::Yaml).expect("it is valid");
    macro_rules! of {
        ($kind:ident) => {
            document
                .facts
                .iter()
                .filter_map(|stated| match &stated.fact {
                    Fact::$kind(fact) => Some(fact),
                    _ => None,
                })
        };
    }
    World::new(of!(Processor), of!(Category), of!(Field), of!(Purpose), |field| {
        field.as_str() == "f1"
    })
    .expect("the things fit together")
}

/// One act and one pair, small enough that much of it repeats.
#[derive(Clone, Debug)]
struct Drawn {
    kind: ActKind,
    micros: i64,
    flags: [bool; 3],
    state: State,
    actor: usize,
    field: usize,
    subject: usize,
    roles: Vec<Role>,
    safeguards: usize,
    purpose: Option<usize>,
    recipient: Option<usize>,
    source: Option<usize>,
    countries: [Option<bool>; 2],
    organizations: (usize, Option<usize>),
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let what = (
        proptest::sample::select(vec![ActKind::Collect, ActKind::Share]),
        0_i64..8_000,
        any::<[bool; 3]>(),
        proptest::sample::select(State::ALL),
        0_usize..3,
        0_usize..3,
        0_usize..2,
    );
    let how = (
        proptest::sample::subsequence(Role::ALL, 0..=2),
        0_usize..2,
        proptest::option::of(0_usize..2),
        proptest::option::of(0_usize..3),
        proptest::option::of(0_usize..3),
        any::<[Option<bool>; 2]>(),
        (0_usize..3, proptest::option::of(0_usize..3)),
    );
    (what, how).prop_map(
        |(
            (kind, micros, flags, state, actor, field, subject),
            (roles, safeguards, purpose, recipient, source, countries, organizations),
        )| Drawn {
            kind,
            micros,
            flags,
            state,
            actor,
            field,
            subject,
            roles,
            safeguards,
            purpose,
            recipient,
            source,
            countries,
            organizations,
        },
    )
}

/// What decides, asked of these decisions.
fn ask(decisions: &mut Decisions<'_>, drawn: &Drawn) -> Vec<String> {
    let id = |letter: &str, i: usize| format!("{letter}{i}");
    let country = |is_home: bool| Country::from(if is_home { "DE" } else { "US" });
    let (actor, field, subject) = (
        ProcessorId::from(id("p", drawn.actor).as_str()),
        FieldId::from(id("f", drawn.field).as_str()),
        SubjectId::from(id("u", drawn.subject).as_str()),
    );
    let categories = [CategoryId::from(id("c", drawn.field).as_str())];
    let safeguards: Vec<Safeguard> = (0..drawn.safeguards)
        .map(|i| Safeguard::from(id("s", i).as_str()))
        .collect();
    let purpose = drawn.purpose.map(|i| PurposeId::from(id("w", i).as_str()));
    let recipient = drawn.recipient.map(|i| ProcessorId::from(id("p", i).as_str()));
    let source = drawn.source.map(|i| ProcessorId::from(id("p", i).as_str()));
    let organization = ProcessorId::from(id("p", drawn.organizations.0).as_str());
    let of_recipient = drawn
        .organizations
        .1
        .map(|i| ProcessorId::from(id("p", i).as_str()));
    let [from, to] = drawn.countries.map(|is_home| is_home.map(country));
    decisions
        .deciders(&Asked {
            actor: &actor,
            kind: drawn.kind,
            field: &field,
            subject: &subject,
            at: Instant::from_micros(drawn.micros),
            is_minor: drawn.flags[0],
            is_sensitive: drawn.flags[1],
            state: drawn.state,
            categories: &categories,
            is_crossing: drawn.flags[2],
            organization: &organization,
            recipient_organization: of_recipient.as_ref(),
            safeguards: &safeguards,
            roles: &drawn.roles,
            purpose: purpose.as_ref(),
            recipient: recipient.as_ref(),
            source: source.as_ref(),
            country_from: from.as_ref(),
            country_to: to.as_ref(),
        })
        .iter()
        .map(wherefore::flow::Decider::reason)
        .collect()
}

fn read(text: &str) -> FlowPolicies {
    FlowPolicies::read(&format!("permit (principal, action, resource);\n{text}"))
        .unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

#[test]
fn a_decision_remembered_is_the_decision_made_anew() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = proptest::collection::vec(drawn(), 200);
    for text in TEXTS {
        let policies = read(text);
        let asked = strategy.new_tree(&mut runner).expect("it can be drawn").current();
        let mut remembering = Decisions::new(&policies, world());
        let mut forbidden = 0;
        for drawn in &asked {
            let anew = ask(&mut Decisions::new(&policies, world()), drawn);
            assert_eq!(ask(&mut remembering, drawn), anew, "{text}\n{drawn:?}");
            forbidden += usize::from(!anew.is_empty());
            // An attribute that is looked at and was not handed over would make an error.
            let fails = anew.iter().any(|reason| reason.starts_with("policy-error:"));
            assert!(!fails || text.contains("+ 1"), "{text}\n{drawn:?}\n{anew:?}");
        }
        let is_telling = text.is_empty() || (0 < forbidden && forbidden < asked.len());
        assert!(is_telling, "{text} forbids {forbidden}");
    }
}

#[test]
fn only_what_the_policies_look_at_costs_a_decision() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let asked = proptest::collection::vec(drawn(), 2_000)
        .new_tree(&mut runner)
        .expect("it can be drawn")
        .current();
    let decided = |text: &str| {
        let policies = read(text);
        let mut decisions = Decisions::new(&policies, world());
        for drawn in &asked {
            ask(&mut decisions, drawn);
        }
        decisions.decided()
    };
    let kinds = 2;
    assert_eq!(decided(""), kinds);
    assert_eq!(
        decided("@id(\"a\") forbid (principal, action, resource) when { context.minor };"),
        2 * kinds
    );
    let compared = "@id(\"a\") forbid (principal, action, resource) when \
                    { context.at > datetime(\"1970-01-01T00:00:00.003Z\") };";
    assert_eq!(decided(compared), 3 * kinds, "before, at and after the instant");
}
