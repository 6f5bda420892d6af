package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bauta/cmd/bauta/app/config"
	"bauta/masking"
	"bauta/webhook"
)

// whsec is a Standard Webhooks secret of 24 zero bytes.
const whsec = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"META_VERIFY_TOKEN": "verify-me", "META_APP_SECRET": "app-secret", "ACME_META_TOKEN": "token",
		"CRM_SECRET": whsec, "EMPTY": "", "PASSWORD": "p4ss", "WORKERS": "7",
	}[name]
	return value, ok
}

func parse(t *testing.T, text string) (*config.Config, error) {
	t.Helper()
	return config.Parse("bauta.yaml", []byte(text), environment)
}

// example is the example file with replacements in it.
func example(tb testing.TB, pairs ...string) string {
	tb.Helper()
	data, err := os.ReadFile("testdata/example.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(data), pairs[i]) {
			tb.Fatalf("the example holds no %q", pairs[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(string(data))
}

func TestTheExampleBecomesBusinesses(t *testing.T) {
	t.Parallel()
	c, err := parse(t, example(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []webhook.Business{{
		ID: "acme", App: "main", WABAs: []string{"102290129340398"},
		View:   masking.View{ShowCountry: true, ForeignPass: true},
		Groups: map[string]webhook.Group{"Y2FwaV9ncm91cDox": {ID: "Y2FwaV9ncm91cDox", Name: "Lisbon runners", Hide: true}},
		Endpoints: []webhook.Endpoint{{
			ID: "crm", URL: "https://crm.example/hooks/whatsapp", Secrets: []string{whsec}, Fields: []string{"messages"},
			OwnEvents: true, Timeout: 10 * time.Second, Concurrency: 32, HoldLane: time.Hour,
			Retry: webhook.Retry{
				Schedule: []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour},
				MaxAge:   72 * time.Hour, RefusedAttempts: 3,
			},
		}, {
			ID: webhook.PlatformEndpoint, Platform: true, Timeout: 15 * time.Second, Concurrency: 16, HoldLane: 24 * time.Hour,
			Retry: webhook.Retry{
				Schedule: []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute},
				MaxAge:   24 * time.Hour, RefusedAttempts: 1,
			},
		}},
		Retention: webhook.Retention{Customer: 8760 * time.Hour, Messages: 720 * time.Hour, DeadLetter: 720 * time.Hour, Held: 168 * time.Hour},

		RawRecipients: webhook.KnownRaw,
		Name:          "acme",
		Sharing:       webhook.SharingPolicy{Ask: webhook.AskFirstContact, AskPause: 24 * time.Hour, Expires: 168 * time.Hour, BusinessWords: true, Rate: 20},
	}}
	if diff := cmp.Diff(want, c.Businesses(), cmpopts.IgnoreFields(webhook.SharingPolicy{}, "Texts")); diff != "" {
		t.Error(diff)
	}
	if len(c.Warnings()) != 0 {
		t.Errorf("the example has warnings: %v", c.Warnings())
	}
	if got := c.Apps[0].AppSecrets[0].Reveal(); got != "app-secret" {
		t.Errorf("app secret: %q", got)
	}
	if got := c.Business[0].AdToken().Reveal(); got != "token" {
		t.Errorf("without a marketing token the access token stands in, got %q", got)
	}
}

func TestEveryBrokenFileIsExplained(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 50 {
		t.Fatalf("the broken files are gone: %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(data)) {
				if text, ok := strings.CutPrefix(line, "# want: "); ok {
					want = append(want, "bauta.yaml"+strings.TrimSpace(text))
				}
			}
			_, err = parse(t, string(data))
			faults, ok := errors.AsType[config.Faults](err)
			if !ok || len(want) == 0 {
				t.Fatalf("want faults and expectations, got %v, %d", err, len(want))
			}
			if diff := cmp.Diff(want, strings.Split(faults.Error(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsNotYAMLIsNotQuoted(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"an open bracket":    "apps: [s3cr3t",
		"a wrong indent":     "apps:\n  - id: a\n s3cr3t: b\n",
		"a tab":              "apps:\n\t- s3cr3t\n",
		"an empty file":      "",
		"only comments":      "# s3cr3t\n",
		"a scalar":           "s3cr3t",
		"a list":             "- s3cr3t",
		"an unfinished text": "listen: \"s3cr3t",
		"keys for a value":   "listen: {s3cr3t}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, text)
			faults, ok := errors.AsType[config.Faults](err)
			if !ok || len(faults) == 0 {
				t.Fatalf("want faults, got %v", err)
			}
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the text is quoted: %v", err)
			}
		})
	}
}

func TestVariablesAndFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("from-file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := example(t,
		"redis://127.0.0.1:6379/0", "redis://:${PASSWORD}@127.0.0.1:6379/0",
		"${ACME_META_TOKEN}", "file:token",
		"fields: [messages]", "concurrency: ${WORKERS}")
	c, err := config.Parse(filepath.Join(dir, "bauta.yaml"), []byte(text), environment)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Redis.URL.Reveal(); got != "redis://:p4ss@127.0.0.1:6379/0" {
		t.Errorf("a variable inside a secret: %q", got)
	}
	if got := c.Business[0].AccessToken.Reveal(); got != "from-file" {
		t.Errorf("a secret from a file: %q", got)
	}
	if got := c.Business[0].Endpoints[0].Concurrency; got != 7 {
		t.Errorf("a number from a variable: %d", got)
	}
	if got, want := c.Path(c.Keys), filepath.Join(dir, "keys.json"); got != want {
		t.Errorf("the keys file is %q, want %q", got, want)
	}
}

func TestNoVariableIsReadFromAValue(t *testing.T) {
	t.Parallel()
	env := func(name string) (string, bool) { return "${META_APP_SECRET}", name != "META_APP_SECRET" }
	c, err := config.Parse("bauta.yaml", []byte(example(t, "${META_APP_SECRET}", "x${OTHER}", "${CRM_SECRET}", whsec)), env)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Apps[0].AppSecrets[0].Reveal(); got != "x${META_APP_SECRET}" {
		t.Errorf("a variable's value was expanded again: %q", got)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	c, err := parse(t, example(t, `"127.0.0.1:9090"`, `":9090"`, `"${CRM_SECRET}"`, `"plain"`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range c.Warnings() {
		got = append(got, w.String())
	}
	want := []string{
		"bauta.yaml:3:15: admin_listen: other machines can reach it (keep it on 127.0.0.1, or behind a firewall)",
		"bauta.yaml:26:19: businesses[0].endpoints[0].secrets[0]: has no whsec_ prefix, so webhook-signature is not sent for it (X-Hub-Signature-256 is; for both use whsec_ and the base64 of 24 to 64 random bytes)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadWarnsOfLoosePermissions(t *testing.T) {
	t.Parallel()
	const at = ": other users of this machine can open the file (run chmod 600 PATH: "
	const change = ": other users of this machine can change the file (run chmod go-w PATH: who changes it gets your events)"
	const standIn = "keys: keys.json\nplatform: {graph_url: \"http://127.0.0.1:9999\"}"
	rows := map[string]struct {
		mode os.FileMode
		text string
		want string
	}{
		"nobody else can open it":      {0o600, example(t, "${META_VERIFY_TOKEN}", "literal"), ""},
		"a secret stands in it":        {0o640, example(t, "${META_VERIFY_TOKEN}", "literal"), at + "apps[0].verify_token stands in it)"},
		"a secret of a list":           {0o644, example(t, "${CRM_SECRET}", whsec), at + "businesses[0].endpoints[0].secrets[0] stands in it)"},
		"a password of the store":      {0o644, example(t, "redis://127.0.0.1", "redis://:p4ss@127.0.0.1"), at + "redis.url stands in it)"},
		"a password in the query":      {0o644, example(t, "6379/0", "6379/0?sentinel_password=p4ss"), at + "redis.url stands in it)"},
		"variables only":               {0o644, example(t), ""},
		"variables, and others write":  {0o662, example(t), change},
		"variables, and a group's":     {0o620, example(t), change},
		"a variable inside a URL":      {0o644, example(t, "redis://127.0.0.1", "redis://:${PASSWORD}@127.0.0.1"), ""},
		"no secret in the store's URL": {0o644, example(t, "redis://127.0.0.1:6379/0", "embedded"), ""},
		"others may only run it":       {0o611, example(t, "${META_VERIFY_TOKEN}", "literal"), ""},
		"others may change it":         {0o620, example(t, "${META_VERIFY_TOKEN}", "literal"), at + "apps[0].verify_token stands in it)"},
		"a stand-in for the platform":  {0o644, example(t, "${META_VERIFY_TOKEN}", "literal", "keys: keys.json", standIn), ""},
		"the store's password beside a stand-in": {0o644, example(t, "${META_VERIFY_TOKEN}", "literal", "keys: keys.json", standIn,
			"redis://127.0.0.1", "redis://:p4ss@127.0.0.1"), at + "redis.url stands in it)"},
	}
	for name, row := range rows {
		path := filepath.Join(t.TempDir(), "bauta.yaml")
		if err := os.WriteFile(path, []byte(row.text), row.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, row.mode); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(path, environment)
		if err != nil {
			t.Fatal(err)
		}
		var got, want string
		for _, w := range c.Warnings() {
			got += w.String()
		}
		if row.want != "" {
			want = path + strings.ReplaceAll(row.want, "PATH", path)
		}
		if got != want {
			t.Errorf("%s: it says %q, want %q", name, got, want)
		}
	}
}

func TestLoadOfAnAbsentFileSaysWhatToDo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "absent.yaml")
	_, err := config.Load(path, environment)
	if err == nil || err.Error() != path+": cannot be read: no such file or directory (check the path and its permissions)" {
		t.Errorf("got %v", err)
	}
}

func TestPositionsLeadToRules(t *testing.T) {
	t.Parallel()
	c, err := parse(t, example(t))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][2]int{
		"businesses[0].hiding.rules[0].when": {20, 41},
		"businesses[0].hiding.rules[0].mode": {20, 11},
		"keys":                               {6, 7},
		"nothing.like.it":                    {2, 1},
	} {
		line, column := c.Position(path)
		if line != want[0] || column != want[1] {
			t.Errorf("%s: %d:%d, want %d:%d", path, line, column, want[0], want[1])
		}
	}
	got := c.Fault("keys", "does not match", "run bauta keys list").String()
	if want := "bauta.yaml:6:7: keys: does not match (run bauta keys list)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOwnSettingsOfABusiness(t *testing.T) {
	t.Parallel()
	c, err := parse(t, example(t,
		"keys: keys.json", "keys: keys.json\nretention: {customer: 24h, held: 1h}\nunknown_fields: scrub\ntrusted_proxies: [10.1.2.3, 10.0.0.0/8]",
		"{shape: bsuid}", "{shape: phone, country: hidden, username: keep, foreign_numbers: mask, invite_link: keep}",
		"    groups:", "    retention: {customer: 0, customer_absolute: 43800h, consents: 24h}\n    groups:",
		"      rules:", "      known_until: 2026-11-30\n      rules:"))
	if err != nil {
		t.Fatal(err)
	}
	b := c.Businesses()[0]
	if diff := cmp.Diff(masking.View{Shape: masking.ShapePhone, KeepUsername: true, KeepInviteLink: true}, b.View); diff != "" {
		t.Error(diff)
	}
	if want := (webhook.Retention{CustomerAbsolute: 43800 * time.Hour, Held: time.Hour, Consents: 24 * time.Hour, Audit: 24 * time.Hour, Messages: 720 * time.Hour, DeadLetter: 720 * time.Hour}); b.Retention != want {
		t.Errorf("retention %+v, want %+v", b.Retention, want)
	}
	if want := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC); !b.KnownUntil.Equal(want) {
		t.Errorf("known until %v, want %v", b.KnownUntil, want)
	}
	if b.Unknown != webhook.ScrubUnknown {
		t.Errorf("unknown fields: %v", b.Unknown)
	}
	if got := c.TrustedProxies[0].String() + " " + c.TrustedProxies[1].String(); got != "10.1.2.3/32 10.0.0.0/8" {
		t.Errorf("trusted proxies: %s", got)
	}
}

// Businesses with one access token are in one portfolio, and share its contact book.
func TestBusinessesWithOneAccessTokenAreAPortfolio(t *testing.T) {
	t.Parallel()
	business := func(id, waba, token string) string {
		return "  - {id: " + id + ", app: main, wabas: [\"" + waba + "\"], " + token + `endpoints: [{id: crm, url: "https://crm.example", secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]}]}` + "\n"
	}
	c, err := parse(t, "apps: [{id: main, verify_token: v, app_secrets: [s]}]\nbusinesses:\n"+
		business("acme", "1", "access_token: one, ")+business("beta", "2", "access_token: one, ")+business("gamma", "3", "access_token: other, ")+
		business("delta", "4", "")+business("epsilon", "5", ""))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, b := range c.Businesses() {
		got[b.ID] = b.Portfolio
	}
	want := map[string][]string{"acme": {"beta"}, "beta": {"acme"}, "gamma": nil, "delta": nil, "epsilon": nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write REFERENCE.md anew")
	os.Exit(m.Run())
}

func TestTheReferenceIsUpToDate(t *testing.T) {
	t.Parallel()
	if updating() {
		if err := os.WriteFile("REFERENCE.md", []byte(config.Reference()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("REFERENCE.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), config.Reference()); diff != "" {
		t.Errorf("REFERENCE.md is not what the structs say: go test ./cmd/bauta/app/config -update\n%s", diff)
	}
}
