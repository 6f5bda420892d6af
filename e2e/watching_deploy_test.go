package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// promtool runs Prometheus's own checks.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %s: %v (make tools installs it)\n%s", strings.Join(args, " "), err, out)
	}
}

func deployed(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../deploy", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// found are the first groups of all matches.
func found(pattern, text string) []string {
	var out []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestTheAlertsDoWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "rules", "../deploy/prometheus/alerts.yml")
	promtool(t, "test", "rules", "../deploy/prometheus/alerts_test.yml")
	tested := found(`alertname="(\w+)"`, deployed(t, "prometheus/alerts_test.yml"))
	for _, alert := range found(`- alert: (\w+)`, deployed(t, "prometheus/alerts.yml")) {
		if !slices.Contains(tested, alert) {
			t.Errorf("no test sees %s fire", alert)
		}
	}
}

func TestEveryAlertHasASectionInTheRunbook(t *testing.T) {
	t.Parallel()
	rules, runbook := deployed(t, "prometheus/alerts.yml"), deployed(t, "RUNBOOK.md")
	alerts, urls := found(`- alert: (\w+)`, rules), found(`runbook_url: "deploy/RUNBOOK\.md#(\w+)"`, rules)
	if len(alerts) < 20 || len(alerts) != len(urls) {
		t.Fatalf("%d alerts and %d addresses of sections", len(alerts), len(urls))
	}
	sections := map[string]string{}
	for _, section := range strings.Split(runbook, "\n### ")[1:] {
		name, text, _ := strings.Cut(section, "\n")
		sections[name] = text
	}
	for i, alert := range alerts {
		if urls[i] != strings.ToLower(alert) {
			t.Errorf("%s leads to the section %s", alert, urls[i])
		}
		for _, part := range []string{"It means:", "Look at", "o:**"} {
			if !strings.Contains(sections[alert], part) {
				t.Errorf("the runbook's section on %s has no %q", alert, part)
			}
		}
	}
	for section := range sections {
		if !slices.Contains(alerts, section) {
			t.Errorf("the runbook has a section on %s, which is no alert", section)
		}
	}
	for _, link := range found(`\]\(#(\w+)\)`, runbook) {
		if !slices.Contains(urls, link) {
			t.Errorf("the runbook leads to #%s, which is not there", link)
		}
	}
}

// The commands of the runbook are there, with these flags.
func TestTheRunbooksCommandsAreThere(t *testing.T) {
	t.Parallel()
	known := map[string]string{}
	lines := found(`(?m)^bauta (.*)$`, deployed(t, "RUNBOOK.md"))
	if len(lines) < 10 {
		t.Fatalf("only %d commands were found", len(lines))
	}
	for _, line := range lines {
		command, _, _ := strings.Cut(line, " --")
		if known[command] == "" {
			help, stderr, code := run(t, append(strings.Fields(command), "--help")...)
			if code != 0 || !strings.Contains(help, "bauta "+command+" [flags]") {
				t.Errorf("bauta %s: exit %d: %s%s", command, code, help, stderr)
			}
			known[command] = help
		}
		for _, flag := range found(`(--[a-z-]+)`, line) {
			if !strings.Contains(known[command], flag+" ") {
				t.Errorf("bauta %s has no %s", command, flag)
			}
		}
	}
}

// dashboard is what of Grafana's model the test looks at.
type dashboard struct {
	Templating struct {
		List []struct {
			Type  string
			Query any
		}
	}
	Panels []struct {
		ID      int
		Type    string
		Title   string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr string }
	}
}

// queries of the dashboard, by panel, with what Grafana puts in the place of variables.
func queries(t *testing.T) map[string][]string {
	t.Helper()
	var d dashboard
	if err := json.Unmarshal([]byte(deployed(t, "grafana/bauta.json")), &d); err != nil {
		t.Fatal(err)
	}
	out, ids, taken := map[string][]string{}, map[int]bool{}, map[[2]int]string{}
	variables := strings.NewReplacer("$business", ".*", "$endpoint", ".*", "$__rate_interval", "5m")
	for _, panel := range d.Panels {
		if ids[panel.ID] {
			t.Errorf("%s: another panel has the id %d", panel.Title, panel.ID)
		}
		ids[panel.ID] = true
		for x := range panel.GridPos.W {
			for y := range panel.GridPos.H {
				at := [2]int{panel.GridPos.X + x, panel.GridPos.Y + y}
				if taken[at] != "" || at[0] >= 24 {
					t.Errorf("%s lies on %s, or beside the grid", panel.Title, taken[at])
				}
				taken[at] = panel.Title
			}
		}
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("%s shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			out[panel.Title] = append(out[panel.Title], variables.Replace(target.Expr))
		}
	}
	for _, variable := range d.Templating.List {
		if variable.Type == "query" {
			query := fmt.Sprint(variable.Query)
			out["variables"] = append(out["variables"], "count by (business) ("+strings.Join(found(`label_values\((\w+)`, query), "")+")")
		}
	}
	return out
}

func TestTheDashboardsQueriesAreQueries(t *testing.T) {
	t.Parallel()
	var rules strings.Builder
	rules.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	all := queries(t)
	n := 0
	for _, panel := range slices.Sorted(maps.Keys(all)) {
		for _, query := range all[panel] {
			n++
			fmt.Fprintf(&rules, "      - {record: panel_%d, expr: %q}\n", n, query)
		}
	}
	if n < 30 {
		t.Fatalf("only %d queries", n)
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}

// Alerts and dashboard ask for metrics that a node has, by labels that these have. That
// a node has them is TestTheTableOfMetricsIsThatOfARunningNode's to say.
func TestAlertsAndDashboardAskForWhatThereIs(t *testing.T) {
	t.Parallel()
	table := metricTable(t)
	asked := queries(t)
	asked["alerts"] = found(`(?m)^ +expr: >-\n +(.*)$`, deployed(t, "prometheus/alerts.yml"))
	asked["tests of alerts"] = found(`series: '(.*)', values`, deployed(t, "prometheus/alerts_test.yml"))
	for where, list := range asked {
		for _, query := range list {
			for _, fault := range unknownIn(table, query) {
				t.Errorf("%s: %s", where, fault)
			}
		}
	}
	for _, broken := range []string{`bauta_no_such_metric`, `sum(rate(bauta_receive_requests_total{reason="x"}[5m]))`, `bauta_receive_ack_seconds_total`} {
		if len(unknownIn(table, broken)) == 0 {
			t.Errorf("nothing is wrong with %s", broken)
		}
	}
}

// unknownIn says what of a query's metrics and labels no node has.
func unknownIn(table map[string]metricRow, query string) []string {
	var faults []string
	for _, m := range regexp.MustCompile(`\b(bauta_[a-z0-9_]+)(?:\{([^}]*)\})?`).FindAllStringSubmatch(query, -1) {
		name := m[1]
		if _, is := table[name]; !is {
			name = regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
			if table[name].kind != "histogram" {
				faults = append(faults, m[1]+": there is no such metric")
				continue
			}
		}
		for _, label := range found(`([a-z_]+)(?:=~|!~|!=|=)"`, m[2]) {
			if label != "instance" && label != "le" && !strings.Contains(table[name].labels, "`"+label+"`") {
				faults = append(faults, m[1]+": it has no label "+label)
			}
		}
	}
	return faults
}
