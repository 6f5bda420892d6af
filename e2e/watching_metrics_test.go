package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"bauta/redis"
)

// metricRow is a row of deploy/METRICS.md.
type metricRow struct{ kind, labels, meaning string }

// metricTable is the table of deploy/METRICS.md, by metric.
func metricTable(t *testing.T) map[string]metricRow {
	t.Helper()
	text, err := os.ReadFile("../deploy/METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]metricRow{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		name := strings.Trim(cells[0], " `")
		if !strings.HasPrefix(line, "| `bauta_") || len(cells) != 5 {
			continue
		}
		if _, twice := table[name]; twice {
			t.Errorf("%s has two rows", name)
		}
		if strings.TrimSpace(cells[4]) == "" {
			t.Errorf("%s: nothing says when to look at it", name)
		}
		table[name] = metricRow{cells[1], cells[2], cells[3]}
	}
	if len(table) == 0 {
		t.Fatal("deploy/METRICS.md has no row that begins with | `bauta_")
	}
	return table
}

// exposed are the metrics that a node shows, as rows of the table, and the page.
func (b *bauta) exposed(t *testing.T) (map[string]metricRow, string) {
	t.Helper()
	status, page := b.get(t, b.admin+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("/metrics: %d %s", status, page)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	metrics := map[string]metricRow{}
	for name, family := range families {
		if !strings.HasPrefix(name, "bauta_") {
			continue
		}
		metrics[name] = metricRow{strings.ToLower(family.GetType().String()), labelsOf(family), family.GetHelp()}
	}
	return metrics, page
}

// labelsOf are the names of a metric's labels, in order; a dash without any.
func labelsOf(family *dto.MetricFamily) string {
	names := map[string]bool{}
	for _, series := range family.GetMetric() {
		for _, label := range series.GetLabel() {
			names["`"+label.GetName()+"`"] = true
		}
	}
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

// watched is a node that everything has happened to of which a metric counts only what
// happened: a decision in report mode, an errand, an answer, a call of the management
// API, callers without a right, and a look at the balance.
func watched(t *testing.T) *story {
	t.Helper()
	s := decides(t, setup{
		Rules: `{name: later, when: "ad.present", hide: true, mode: report}, {name: now, when: "ad.present", hide: true}`,
	}, ada())
	s.writes(t, ada(), "Is it in stock?", ctwa())
	handle := s.gets(t, "hidden")[0].header.Get("Bauta-Handle")
	s.on(t, ada(), 1)
	s.settle(t)
	if got := s.call(t, http.MethodPost, messages(), text(handle, "It is")); got.status != http.StatusOK {
		t.Fatalf("a message: %d %s", got.status, got.body)
	}
	if got := s.asks(t, http.MethodGet, "/v1/customers/"+handle); got.status != http.StatusOK {
		t.Fatalf("a look at a customer: %d %s", got.status, got.body)
	}
	for _, url := range []string{s.public + messages(), s.admin + "/v1/customers/" + handle} {
		if status, body := s.get(t, url); status != http.StatusUnauthorized {
			t.Fatalf("a call without a token: %d %s", status, body)
		}
	}
	if err := s.redis.Client.HSet(t.Context(), redis.BalanceKey, ":looked_at", time.Now().UnixMilli()).Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheTableOfMetricsIsThatOfARunningNode(t *testing.T) {
	t.Parallel()
	table := metricTable(t)
	got, page := watched(t).exposed(t)
	for _, name := range slices.Sorted(maps.Keys(got)) {
		row := got[name]
		if table[name] != row {
			t.Errorf("deploy/METRICS.md has another row, or none, for\n| `%s` | %s | %s | %s | ... |", name, row.kind, row.labels, row.meaning)
		}
	}
	for name := range table {
		if _, is := got[name]; !is {
			t.Errorf("deploy/METRICS.md has a row for %s, which no node has", name)
		}
	}
	check := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	check.Stdin = strings.NewReader(page)
	var said bytes.Buffer
	check.Stdout, check.Stderr = &said, &said
	if err := check.Run(); err != nil {
		t.Errorf("promtool check metrics: %v (make tools installs it)\n%s", err, ours(said.String()))
	}
	if found := ours(said.String()); found != "" {
		t.Errorf("promtool objects to\n%s", found)
	}
}

// ours are the lines about Bauta's own metrics.
func ours(said string) string {
	var out strings.Builder
	for line := range strings.Lines(said) {
		if strings.Contains(line, "bauta_") {
			_, _ = fmt.Fprint(&out, line)
		}
	}
	return out.String()
}
