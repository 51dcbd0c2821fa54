//! `wherefore check` on a folder with a `wherefore.yaml`.

use super::{PASSED_ON, PROJECT, THINGS, broken, check, clean, wherefore, write};

#[test]
fn facts_of_several_files_are_one() {
    let folder = clean();
    let run = check(folder.path(), &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.starts_with("no findings\n"), "{}", run.out);

    write(
        folder.path(),
        &[("privacy/more/act.yaml", &format!("events:\n{PASSED_ON}"))],
    );
    let run = check(folder.path(), &["--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.contains("privacy/more/act.yaml:2:5"),
        "a place has the file: {}",
        run.out
    );
}

#[test]
fn the_folder_is_found_by_name_by_file_and_from_inside() {
    let folder = clean();
    let above = folder.path().parent().unwrap();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(check(above, &[name]).code, 0);
    assert_eq!(check(above, &[&format!("{name}/wherefore.yaml")]).code, 0);
    assert_eq!(check(folder.path(), &["."]).code, 0);
    let empty = tempfile::tempdir().unwrap();
    let run = check(empty.path(), &[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("wherefore init"), "{}", run.err);
    assert_eq!(check(empty.path(), &["."]).code, 2);
}

#[test]
fn all_problems_of_all_files_come_at_once_with_their_places() {
    let folder = clean();
    write(
        folder.path(),
        &[
            (
                "privacy/a.yaml",
                "home: DE\nfields: [{id: phone, category: nothing}]\n",
            ),
            ("privacy/b.yaml", "fields: [{id: email, category: contact}]\n"),
            ("privacy/c.yaml", "categories: [{id: x, parent: y}]\n"),
            (
                "privacy/d.yaml",
                "categories: [{id: y, parent: x}]\nevents: [{id: e}]\n",
            ),
        ],
    );
    let run = check(folder.path(), &[]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert_eq!(run.out, "");
    for wanted in [
        "FACT_HEADER_MISMATCH",
        "privacy/a.yaml:1:1",
        "nothing in `categories` is called `nothing`",
        "`email` is declared twice in `fields`",
        "privacy/things.yaml",
        "`x` is its own ancestor: x → y → x",
        "an event lacks the key `at`",
    ] {
        assert!(run.err.contains(wanted), "{wanted} is not in {}", run.err);
    }
}

#[test]
fn a_gate_that_cannot_check_is_never_green() {
    for (project, wanted) in [
        ("facts: [nowhere/*.yaml]\n", "no file is called `nowhere/*.yaml`"),
        (
            "facts: [privacy/**/*.yaml, gone.yaml]\n",
            "no file is called `gone.yaml`",
        ),
        (
            "facts: [privacy/**/*.yaml]\nbaseline: gone.json\n",
            "no file is called `gone.json`",
        ),
        ("facts: []\n", "lacks the key `facts`"),
        (
            "fact: [privacy/**/*.yaml]\n",
            "`fact` is no key of wherefore.yaml",
        ),
        ("fact: [privacy/**/*.yaml]\n", "did you mean `facts`?"),
        (
            "facts: [privacy/**/*.yaml]\npolicies: [{fil: x.cedar}]\n",
            "did you mean `file`?",
        ),
        (
            "facts: [privacy/**/*.yaml]\nmapping: gone.yaml\n",
            "no file is called `gone.yaml`",
        ),
        (
            "facts: [privacy/**/*.yaml]\nlineage: gone.json\n",
            "no file is called `gone.json`",
        ),
        (
            "facts: [privacy/**/*.yaml]\nlineage: privacy/things.yaml\n",
            "OPENLINEAGE_SYNTAX",
        ),
        (
            "facts: [privacy/**/*.yaml]\npacks: ./gone.yaml\n",
            "no file is called `./gone.yaml`",
        ),
        ("facts: [privacy/**/*.yaml]\npacks: nothing\n", "nothing"),
        (
            "facts: [privacy/**/*.yaml]\nadults_only: yes\n",
            "`yes` is no value of `adults_only`",
        ),
        (
            "facts: [privacy/**/*.yaml]\nfail_on: erorr\n",
            "`erorr` is no value of `fail_on`",
        ),
        (
            "facts: [privacy/**/*.yaml]\nhorizon: soon\n",
            "`soon` is no number of days",
        ),
        (
            "facts: [privacy/**/*.yaml]\nheader: {scenario: x}\n",
            "`scenario` does not hold for all fact files",
        ),
        (
            "facts: [privacy/**/*.yaml]\npolicies: [x.cedar]\n",
            "no file is called `x.cedar`",
        ),
        ("facts: ['privacy/[']\n", "is no pattern"),
        (
            "facts: [privacy/**/*.yaml]\nsuppressions: [{id: s}]\n",
            "a suppression must say what it is about",
        ),
        (
            "facts: [privacy/**/*.yaml]\noutputs: {pdf: x}\n",
            "choose one of text, json, sarif",
        ),
    ] {
        let folder = clean();
        write(folder.path(), &[("wherefore.yaml", project)]);
        let run = check(folder.path(), &["--fail-on", "never"]);
        assert_eq!(run.code, 2, "{project}: {}", run.out);
        assert!(run.err.contains(wanted), "{wanted} is not in {}", run.err);
    }
    let folder = clean();
    let no_rules = THINGS.split("rules:").next().unwrap();
    write(folder.path(), &[("privacy/things.yaml", no_rules)]);
    let run = check(folder.path(), &[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("CHECK_NO_RULES"), "{}", run.err);
}

#[test]
fn the_file_sets_thresholds_outputs_baseline_and_suppressions() {
    let folder = clean();
    let broken = broken();
    write(folder.path(), &[("privacy/grants.yaml", &broken)]);
    let run = check(
        folder.path(),
        &[
            "--format",
            "json",
            "--output",
            "json=baseline.json",
            "--output",
            "text=-",
        ],
    );
    assert_eq!(run.code, 2, "two outputs to one place");
    assert_eq!(
        check(folder.path(), &["--output", "json=privacy/baseline.json"]).code,
        1
    );

    let with = |more: &str| {
        write(folder.path(), &[("wherefore.yaml", &format!("{PROJECT}{more}"))]);
        check(folder.path(), &[])
    };
    assert_eq!(with("fail_on: never\n").code, 0);
    assert_eq!(with("fail_on: error\n").code, 1);
    let run = with("baseline: privacy/baseline.json\n");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("0 new, 1 known"), "{}", run.out);
    let suppressed = "suppressions:\n  - {id: s1, rule: cover, event: to-lab, until: 2025-07-01T00:00:00Z, by: ana, why: w}\n";
    assert_eq!(with(suppressed).code, 0);
    assert_eq!(with(&suppressed.replace("2025-07", "2025-05")).code, 1);

    let run = with("outputs: {sarif: out/r.sarif, markdown: r.md}\n");
    assert_eq!(run.code, 2, "the folder `out` is not there: {}", run.err);
    std::fs::create_dir(folder.path().join("out")).unwrap();
    assert_eq!(with("outputs: {sarif: out/r.sarif, markdown: r.md}\n").code, 1);
    assert!(folder.path().join("out/r.sarif").is_file() && folder.path().join("r.md").is_file());
    // Outputs of the file are written from where the folder is, wherever the user is.
    std::fs::remove_file(folder.path().join("r.md")).unwrap();
    let above = folder.path().parent().unwrap();
    check(above, &[folder.path().file_name().unwrap().to_str().unwrap()]);
    assert!(folder.path().join("r.md").is_file());
}

#[test]
fn two_runs_print_the_same_bytes() {
    let folder = clean();
    write(folder.path(), &[("privacy/grants.yaml", &broken())]);
    for format in ["text", "json", "sarif", "junit", "github", "gitlab", "markdown"] {
        let [first, second] = [0, 1].map(|_| check(folder.path(), &["--format", format]));
        assert_eq!(first.code, 1);
        assert!(first.out == second.out, "{format}");
    }
}

#[test]
fn a_folder_that_was_just_begun_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let run = wherefore(folder.path(), &["init"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = check(folder.path(), &[]);
    assert_eq!(run.code, 1, "the starter shows a finding: {}{}", run.out, run.err);
    assert_eq!(run.err, "");
    // The starter says how to mend it.
    let facts = folder.path().join("privacy/flows.yaml");
    let text = std::fs::read_to_string(&facts).unwrap();
    let mended = text.replace("# - {id: newsletter-consent", "- {id: newsletter-consent");
    assert_ne!(text, mended);
    std::fs::write(&facts, mended).unwrap();
    let run = check(folder.path(), &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);

    let run = wherefore(folder.path(), &["init"]);
    assert_eq!(run.code, 2, "nothing is overwritten");
    assert!(run.err.contains("wherefore.yaml"), "{}", run.err);
}
