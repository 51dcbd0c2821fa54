//! When runs read, against a model of its own: a run reads at some instant between its START and its COMPLETE, and what
//! it wrote is there at COMPLETE. It tries every order of the reading and of what else happens.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};
use wherefore::model::word::Verdict;

use super::meaning::{dataset, facts, lineage, reach, run, snapshot};
use crate::documents::dice::Dice;

const PLANS: usize = 400;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// A copy of one dataset into another; instants are numbers, all different.
struct Copying {
    from: usize,
    to: usize,
    start: u32,
    end: u32,
}

#[derive(Default)]
struct Plan {
    runs: Vec<Copying>,
    /// Datasets that are emptied, and when.
    emptied: Vec<(usize, u32)>,
}

fn plan(dice: &mut Dice, emptied: usize) -> Plan {
    let mut pairs = BTreeSet::new();
    for _ in 0..2 + dice.below(3) {
        let (from, to) = (dice.below(NAMES.len()), dice.below(NAMES.len()));
        if from != to {
            pairs.insert((from, to));
        }
    }
    let mut instants: Vec<u32> = (0..).take(pairs.len() * 2 + emptied).collect();
    let mut draw = || instants.swap_remove(dice.below(instants.len()));
    let runs = pairs.into_iter().map(|(from, to)| {
        let (one, other) = (draw(), draw());
        Copying {
            from,
            to,
            start: one.min(other),
            end: one.max(other),
        }
    });
    let runs = runs.collect();
    let times: Vec<u32> = (0..emptied).map(|_| draw()).collect();
    let emptied = times
        .into_iter()
        .map(|at| (dice.below(NAMES.len()), at))
        .collect();
    Plan { runs, emptied }
}

fn named(number: usize) -> String {
    format!("{0} {0}", NAMES[number])
}

fn events(plan: &Plan) -> Vec<Value> {
    let mut events = Vec::new();
    for (number, one) in plan.runs.iter().enumerate() {
        let id = format!("run-{number}");
        let from = dataset(&named(one.from), &["x"], json!({}));
        let way = lineage(&[("x", &named(one.from), "x", "DIRECT", false)]);
        let to = dataset(&named(one.to), &["x"], way);
        events.push(run(&id, "START", one.start * 2, vec![from], vec![]));
        events.push(run(&id, "COMPLETE", one.end * 2, vec![], vec![to]));
    }
    let change = json!({"lifecycleStateChange": {"lifecycleStateChange": "TRUNCATE"}});
    for (number, (of, at)) in plan.emptied.iter().enumerate() {
        let emptied = dataset(&named(*of), &[], change.clone());
        let id = format!("empty-{number}");
        events.push(run(&id, "COMPLETE", at * 2, vec![], vec![emptied]));
    }
    events
}

/// Datasets that are read before anything is done to them: those were there before.
fn were_there(plan: &Plan) -> BTreeSet<usize> {
    let first_done = |of: usize| {
        let written = plan.runs.iter().filter(|one| one.to == of).map(|one| one.end);
        let emptied = plan.emptied.iter().filter(|(emptied, _)| *emptied == of);
        written.chain(emptied.map(|(_, at)| *at)).min()
    };
    let read = plan.runs.iter().filter(|one| {
        let first_read = plan.runs.iter().filter(|other| other.from == one.from);
        let first_read = first_read.map(|other| other.start).min();
        first_done(one.from).is_none_or(|done| first_read.is_some_and(|read| read < done))
    });
    read.map(|one| one.from).collect()
}

/// Which data comes to which dataset when the runs read at these instants, in halves of the numbers.
fn arrivals(plan: &Plan, reads: &[u32]) -> BTreeSet<(usize, usize)> {
    #[derive(Clone, Copy)]
    enum Step {
        Read(usize),
        Written(usize),
        Emptied(usize),
    }
    let mut steps: Vec<(u32, usize, Step)> = Vec::new();
    for (number, (one, read)) in plan.runs.iter().zip(reads).enumerate() {
        steps.push((*read, number, Step::Read(number)));
        steps.push((one.end * 2, number, Step::Written(number)));
    }
    for (of, at) in &plan.emptied {
        steps.push((at * 2, 0, Step::Emptied(*of)));
    }
    steps.sort_by_key(|(at, number, _)| (*at, *number));
    let mut content: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); NAMES.len()];
    for of in were_there(plan) {
        content[of].insert(of);
    }
    let mut carried: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut arrived = BTreeSet::new();
    for (_, _, step) in steps {
        match step {
            Step::Read(number) => {
                carried.insert(number, content[plan.runs[number].from].clone());
            }
            Step::Written(number) => {
                let to = plan.runs[number].to;
                for origin in &carried[&number] {
                    content[to].insert(*origin);
                    arrived.insert((*origin, to));
                }
            }
            Step::Emptied(of) => content[of].clear(),
        }
    }
    arrived
}

/// For each order of reading what arrives.
fn all_arrivals(plan: &Plan) -> Vec<BTreeSet<(usize, usize)>> {
    let mut all: Vec<Vec<u32>> = vec![Vec::new()];
    for one in &plan.runs {
        // Nothing else happens between two numbers, so one instant there stands for all.
        let between = (one.start..one.end).map(|at| at * 2 + 1);
        all = between
            .flat_map(|read| all.iter().map(move |reads| [reads.as_slice(), &[read]].concat()))
            .collect();
    }
    all.iter().map(|reads| arrivals(plan, reads)).collect()
}

/// Each run is that of a team of its own: what it reads goes through the hands of that team. Without teams what a run reads
/// of a dataset that was emptied before is taken to be what was there last, so none is emptied then.
fn mapping(plan: &Plan, has_teams: bool, times: &str) -> String {
    let mut text = format!("mapping: 1\n{times}");
    let numbers = (0..plan.runs.len()).filter(|_| has_teams);
    let numbers: Vec<usize> = numbers.collect();
    let listed = |of: &dyn Fn(&usize) -> String| numbers.iter().map(of).collect::<Vec<_>>().join(", ");
    let teams = listed(&|number| format!("{{id: team-{number}, kind: controller}}"));
    let jobs = listed(&|number| format!("{{match: {{name: job-run-{number}}}, processor: team-{number}}}"));
    writeln!(text, "processors: [{teams}]\njobs: [{jobs}]").expect("a text");
    text
}

#[test]
fn what_may_have_been_read_meanwhile_is_possible_and_nothing_else_is() {
    let mut dice = Dice(71);
    let (mut yes, mut no, mut possible, mut missed, mut bounded, mut runs) = (0, 0, 0, 0, 0, 0);
    for number in 0..PLANS {
        let has_teams = number % 2 == 0;
        let emptied = if has_teams { dice.below(3) } else { 0 };
        let plan = plan(&mut dice, emptied);
        if plan.runs.is_empty() {
            continue;
        }
        let events = events(&plan);
        let all = all_arrivals(&plan);
        let mapped =
            ["", "times: bounds\n", "times: completed\n"].map(|times| mapping(&plan, has_teams, times));
        let [known, within, completed] = [0, 1, 2].map(|number| snapshot(&events, &mapped[number]));
        runs += plan.runs.len();
        let stated = facts(&events, &mapped[0]);
        let has_bounds = |number: usize| {
            let id = format!("job-run-{number}/");
            stated
                .iter()
                .any(|fact| fact.contains("earliest") && fact.contains(&id))
        };
        bounded += (0..plan.runs.len()).filter(|number| has_bounds(*number)).count();
        for from in were_there(&plan) {
            // Without a team a giver makes what it gives, and has it from then on.
            let makes =
                |to: &usize| !has_teams && plan.runs.iter().any(|one| (one.from, one.to) == (*to, from));
            let written = |to: &usize| *to != from && !makes(to) && plan.runs.iter().any(|one| one.to == *to);
            for to in (0..NAMES.len()).filter(written) {
                let count = all.iter().filter(|arrived| arrived.contains(&(from, to))).count();
                let wanted = match count {
                    0 => Verdict::No,
                    count if count == all.len() => Verdict::Yes,
                    _ => Verdict::Possible,
                };
                let field = format!("{0}/{0}#x", NAMES[from]);
                let told = |snapshot| reach(snapshot, &field, NAMES[to], false).verdict;
                let to = NAMES[to];
                assert_eq!(told(&known), wanted, "{field} to {to}: {events:#?}");
                assert_eq!(told(&within), wanted, "bounds: {field} to {to}: {events:#?}");
                missed += usize::from(wanted == Verdict::Possible && told(&completed) == Verdict::No);
                match wanted {
                    Verdict::Yes => yes += 1,
                    Verdict::No => no += 1,
                    Verdict::Possible | Verdict::Unknown => possible += 1,
                }
            }
        }
    }
    println!(
        "{yes} yes, {no} no, {possible} possible, of which COMPLETE alone says no to {missed}; {bounded} of {runs} runs have bounds"
    );
    assert!(yes > 100 && no > 100 && possible > 100 && missed > 10 && bounded < runs);
}

#[test]
fn all_names_of_a_dataset_and_flows_that_stand_count_as_meeting() {
    let reading = |to: &str| {
        let target = dataset(to, &["x"], lineage(&[("x", "a a", "x", "DIRECT", false)]));
        vec![
            run("1", "START", 10, vec![dataset("a a", &["x"], json!({}))], vec![]),
            run("1", "COMPLETE", 20, vec![], vec![target]),
        ]
    };
    let bounded = |more: Vec<Value>, mapping: &str| {
        let events = [reading("b b"), more].concat();
        facts(&events, mapping)
            .iter()
            .any(|fact| fact.contains("earliest") && fact.contains("job-1"))
    };
    assert!(!bounded(vec![], ""));
    let other = |name: &str, minute, facets| {
        run(
            "2",
            "COMPLETE",
            minute,
            vec![],
            vec![dataset(name, &["x"], facets)],
        )
    };
    let symlink = json!({"symlinks": {"identifiers": [{"namespace": "a", "name": "a", "type": "TABLE"}]}});
    for (minute, meets) in [(9, false), (10, true), (15, true), (20, true), (21, false)] {
        assert_eq!(
            bounded(vec![other("a a", minute, json!({}))], ""),
            meets,
            "{minute}"
        );
        assert_eq!(
            bounded(vec![other("s3 path", minute, symlink.clone())], ""),
            meets,
            "{minute}"
        );
        assert!(
            !bounded(vec![other("b b", minute, json!({}))], ""),
            "the target alone does not matter"
        );
    }
    // Two datasets of one short name are one.
    let short = "mapping: 1\ndatasets: [{match: {name: '*'}, as: same}]\n";
    assert!(bounded(vec![other("z z", 15, json!({}))], short));
    let streams = |start, end: Option<u32>| {
        let mut all = vec![run(
            "3",
            "START",
            start,
            vec![],
            vec![dataset("a a", &["x"], json!({}))],
        )];
        all.extend(end.map(|end| run("3", "COMPLETE", end, vec![], vec![])));
        for event in &mut all {
            event["job"]["facets"] = json!({"jobType": {"processingType": "STREAMING"}});
        }
        all
    };
    assert!(bounded(streams(1, None), "") && bounded(streams(1, Some(12)), ""));
    assert!(!bounded(streams(1, Some(9)), "") && !bounded(streams(30, None), ""));
    // A dataset is there before the run that writes it completes, when somebody reads it meanwhile.
    let late = vec![
        run("2", "START", 5, vec![], vec![dataset("a a", &["x"], json!({}))]),
        run("2", "COMPLETE", 50, vec![], vec![]),
    ];
    let stated = facts(&[reading("b b"), late].concat(), "");
    assert!(
        stated.iter().any(|fact| fact.contains("a/a/there-before")),
        "{stated:#?}"
    );
}
