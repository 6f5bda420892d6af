package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis/redistest"
)

// operate runs a command of the operator's on the story's business, with a text on
// standard input.
func (s *story) operate(t testing.TB, input string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, append(args, "--config", filepath.Join(s.dir, "bauta.yaml"), "--business", "acme")...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatalf("bauta %v: %v", args, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// dossier is what customers export prints, as far as it is looked at.
type dossier struct {
	Identities []struct {
		Number string `json:"number"`
		UserID string `json:"user_id"`
	} `json:"identities"`
	Scopes []struct {
		Scope, Handle, Visibility, Sharing string
		Number                             string `json:"shared_number"`
	} `json:"scopes"`
	Went []struct {
		Scope, Why  string
		From, Until *string
		Endpoints   []string
	} `json:"number_went"`
	Delivered []struct {
		Scope, Endpoint string
		Deliveries      int
		First, Last     time.Time
	} `json:"number_delivered"`
	Ledger []struct{ Type, Handle, Scope string } `json:"consent_ledger"`
	Events struct{ Waiting, Held, Dead int }      `json:"events"`
}

func (s *story) export(t testing.TB, input string, args ...string) dossier {
	t.Helper()
	stdout, stderr, code := s.operate(t, input, append([]string{"customers", "export"}, args...)...)
	if code != 0 || stderr != "" {
		t.Fatalf("export: exit %d: %s", code, stderr)
	}
	var a dossier
	if err := json.Unmarshal([]byte(stdout), &a); err != nil {
		t.Fatalf("%v: %s", err, stdout)
	}
	return a
}

// types are those of the ledger's lines, in their order.
func (a dossier) types() string {
	var out []string
	for _, l := range a.Ledger {
		out = append(out, l.Type)
	}
	return strings.Join(out, " ")
}

// The operator answers a request for access while the number is shared and after it
// was withdrawn, then erases; nothing of it, and no import, undoes hiding.
func TestTheOperatorExportsAndErases(t *testing.T) {
	t.Parallel()
	s := decides(t, setup{}, ada())
	s.writes(t, ada(), "Is it in stock?", ctwa())
	handle := s.gets(t, "hidden")[0].header.Get("Bauta-Handle")
	question := s.on(t, ada(), 1)
	s.settle(t)

	hidden := s.export(t, "+"+ada().Number+"\n", "--number-stdin")
	if len(hidden.Went) != 0 || hidden.types() != "asked" || hidden.Scopes[0].Visibility != "hidden" || hidden.Scopes[0].Sharing != "asked" {
		t.Errorf("of a hidden customer: %+v", hidden)
	}
	s.taps(t, ada(), question, button(t, question, 0).Title)
	s.gets(t, "number_shared", "shared")
	shared := s.export(t, "", "--handle", handle)
	if len(shared.Went) != 1 || shared.Went[0].Until != nil || shared.Went[0].From == nil || shared.Went[0].Scope != "direct" ||
		shared.Went[0].Why != "shared: bauta_button" || !slices.Equal(shared.Went[0].Endpoints, []string{"crm"}) {
		t.Errorf("the number went to %+v", shared.Went)
	}
	if len(shared.Scopes) != 1 || shared.Scopes[0].Handle != handle || shared.Scopes[0].Visibility != "shared" || shared.Scopes[0].Number != ada().Number {
		t.Errorf("the scopes are %+v", shared.Scopes)
	}
	var names []string
	for _, i := range shared.Identities {
		names = append(names, i.Number+i.UserID)
	}
	if diff := cmp.Diff([]string{ada().Number, ada().UserID}, names); diff != "" {
		t.Errorf("the identities: %s", diff)
	}
	confirmation := s.on(t, ada(), 2)
	s.settle(t)
	s.taps(t, ada(), confirmation, button(t, confirmation, 0).Title)
	s.gets(t, "number_withdrawn", "withdrawn")
	withdrawn := s.export(t, "", "--handle", handle)
	// What said that it is shared, and the tap.
	if d := withdrawn.Delivered; len(hidden.Delivered) != 0 || len(d) != 1 || d[0].Scope != "direct" || d[0].Endpoint != "crm" || d[0].Deliveries != 2 ||
		d[0].First.IsZero() || d[0].Last.Before(d[0].First) {
		t.Errorf("deliveries with the number: %+v", d)
	}
	if len(withdrawn.Went) != 1 || withdrawn.Went[0].Until == nil || withdrawn.types() != "asked shared withdrawn" || withdrawn.Scopes[0].Number != "" {
		t.Errorf("after the withdrawal: %+v", withdrawn)
	}
	s.on(t, ada(), 3) // the withdrawal is confirmed to the customer

	// Each export is in the audit log, which holds no number.
	log, _, code := s.operate(t, "", "audit", "list", "--since", "1h")
	if code != 0 || strings.Count(log, "operator  export") != 3 || strings.Count(log, handle) < 3 {
		t.Errorf("the audit log, exit %d: %s", code, log)
	}
	sweep(t, "the audit log", log, ada().Number, ada().UserID)
	s.erasedByTheOperator(t, handle)
}

// erasedByTheOperator erases Ada by her number and has her come back.
func (s *story) erasedByTheOperator(t testing.TB, handle string) {
	t.Helper()
	receipt, stderr, code := s.operate(t, "+1 650 555 0142\n", "customers", "erase", "--number-stdin")
	if code != 0 || in(t, receipt, "handles", 0) != handle || in(t, receipt, "ledger") == "" {
		t.Fatalf("erase: exit %d: %s%s", code, receipt, stderr)
	}
	sweep(t, "the receipt", receipt, ada().Number, ada().UserID)
	s.gets(t, "customer_erased")
	for _, args := range [][]string{{"customers", "export", "--handle", handle}, {"customers", "export", "--number-stdin"}, {"customers", "erase", "--number-stdin"}} {
		if stdout, stderr, code := s.operate(t, ada().Number, args...); code != 1 || stdout != "" || !strings.Contains(stderr, "(any more)") {
			t.Errorf("%v of somebody erased: exit %d: %s%s", args, code, stdout, stderr)
		}
	}
	lines, stderr, code := s.operate(t, "", "consents", "export")
	if code != 0 || !strings.Contains(lines, `"type":"erased"`) {
		t.Errorf("the ledger, exit %d: %s%s", code, lines, stderr)
	}
	sweep(t, "the ledger", lines, ada().Number, ada().UserID)
	if verified, stderr, code := s.operate(t, "", "consents", "verify"); code != 0 || !strings.Contains(verified, "whole") {
		t.Errorf("verify: exit %d: %s%s", code, verified, stderr)
	}

	// The marker holds against an import.
	if stdout, stderr, code := s.operate(t, ada().Number, "customers", "import-known"); code != 0 || !strings.HasPrefix(stdout, "1 line read, 0 of them bad") {
		t.Errorf("import: exit %d: %s%s", code, stdout, stderr)
	}
	s.writes(t, ada(), "Hello again", nil)
	back := s.gets(t, "hidden")
	s.hides(t, ada(), back...)
	if back[0].header.Get("Bauta-Handle") == handle {
		t.Error("who was erased returns under the same handle")
	}
	s.quiet(t)
}

// Redis goes away in the middle of an import: the command says from which line to go
// on, and from there on it makes known whoever is left, each once.
func TestAnImportThatBreaksOffGoesOn(t *testing.T) {
	t.Parallel()
	const people, before = 700, 520
	server := redistest.Standalone(t)
	b := server.Between(t)
	s := decides(t, setup{Server: server, Redis: b.URL, Sharing: "ask: never"}, ada())
	s.stop(t)
	var list strings.Builder
	for n := range people {
		fmt.Fprintln(&list, "+"+somebody(n).Number)
	}
	known := func() int { return len(server.Client.Keys(context.Background(), "bauta:id:acme:*").Val()) }
	away := false
	b.Says(func([]string) string {
		if away = away || known() >= before; away {
			return redistest.Cut
		}
		return ""
	})
	_, stderr, code := s.operate(t, list.String(), "customers", "import-known")
	line := regexp.MustCompile(`go on with --from-line (\d+)`).FindStringSubmatch(stderr)
	if code != 1 || line == nil || line[1] != "501" || known() >= people {
		t.Fatalf("an import without Redis: exit %d, %d are known: %s", code, known(), stderr)
	}
	b.Says(nil)
	if stdout, stderr, code := s.operate(t, list.String(), "customers", "import-known", "--from-line", line[1]); code != 0 || known() != people {
		t.Fatalf("the import from line %s on: exit %d, %d are known: %s%s", line[1], code, known(), stdout, stderr)
	}
	s.again(t)
	for _, n := range []int{0, before, people - 1} {
		s.writes(t, somebody(n), "from an ad", ctwa())
		s.gets(t, "visible")
	}
}

func TestWrongUseOfCustomerCommands(t *testing.T) {
	t.Parallel()
	s := decides(t, setup{}, ada())
	answer := s.asks(t, http.MethodGet, "/v1/customers/ZZ.0000000000000000000000")
	if answer.status == http.StatusOK {
		t.Fatal(answer.body)
	}
	for name, row := range map[string]struct {
		input, want string
		code        int
		args        []string
	}{
		"nobody is named":            {"", "say who: --handle HANDLE or --number-stdin", 2, nil},
		"two are named":              {"", "say who: --handle HANDLE or --number-stdin", 2, []string{"--handle", "x", "--number-stdin"}},
		"no handle":                  {"", "--handle: this is no handle", 2, []string{"--handle", ada().Number}},
		"a forged handle":            {"", "--handle: this is no handle", 2, []string{"--handle", "ZZ.0000000000000000000000"}},
		"no number":                  {"secret-word\n", "--number-stdin: the first line is no phone number", 2, []string{"--number-stdin"}},
		"nothing on standard input":  {"", "--number-stdin: the first line is no phone number", 2, []string{"--number-stdin"}},
		"a number of nobody":         {"+16505550199", "acme has no customer of this number (any more)", 1, []string{"--number-stdin"}},
		"a number that is too long":  {strings.Repeat("1", 5000), "--number-stdin: the first line is no phone number", 2, []string{"--number-stdin"}},
		"a number of another length": {"+1 650 555", "--number-stdin: the first line is no phone number", 2, []string{"--number-stdin"}},
	} {
		for _, command := range []string{"export", "erase"} {
			stdout, stderr, code := s.operate(t, row.input, append([]string{"customers", command}, row.args...)...)
			if code != row.code || stdout != "" || !strings.Contains(stderr, row.want) {
				t.Errorf("%s of %s: exit %d: %s%s", command, name, code, stdout, stderr)
			}
			if strings.Contains(stderr, "secret-word") || strings.Contains(stderr, "6505550") {
				t.Errorf("%s of %s repeats what it was given: %s", command, name, stderr)
			}
		}
	}
}
