package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bauta/masking/sharing"
	"bauta/webhook"
)

// with is the example with settings of businesses[0].sharing.
func with(tb testing.TB, settings string) string {
	tb.Helper()
	return example(tb, "    groups:", "    sharing: {"+settings+"}\n    groups:")
}

func TestHowCustomersAreAsked(t *testing.T) {
	t.Parallel()
	c, err := parse(t, example(t, "    app: main\n    wabas", "    name: Lucky Shrub 🌿\n    app: main\n    wabas", "    groups:", `    sharing:
      {ask: on_request, ask_again_after: 720h, expires: 24h, own_card: share, share_new_number: true, native: true,
       business_requests: bauta_text_only, new_handle_on_withdraw: true, rate: 30/m,
       keywords: {share: [Share my number], withdraw: [hide], show: [what], erase: [forget me]}}
    groups:`))
	if err != nil {
		t.Fatal(err)
	}
	b := c.Businesses()[0]
	want := webhook.SharingPolicy{
		Ask: webhook.AskOnRequest, AskAgainAfter: 720 * time.Hour, AskPause: 24 * time.Hour, Expires: 24 * time.Hour,
		OwnCardShares: true, ShareNewNumber: true, Native: true, NewHandleOnWithdraw: true, Rate: 0.5,
		Words: sharing.Words{
			Share: []string{"Share my number"}, Withdraw: []string{"hide"}, Show: []string{"what"}, Erase: []string{"forget me"},
		},
	}
	if diff := cmp.Diff(want, b.Sharing, cmpopts.IgnoreFields(webhook.SharingPolicy{}, "Texts")); diff != "" {
		t.Error(diff)
	}
	if b.Name != "Lucky Shrub 🌿" {
		t.Errorf("customers read %q", b.Name)
	}
}

func TestWhenCustomersAreAsked(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]webhook.AskWhen{
		"native: false": webhook.AskFirstContact, "ask: first_contact": webhook.AskFirstContact,
		"ask: on_request": webhook.AskOnRequest, "ask: never": webhook.AskNever,
	} {
		c, err := parse(t, with(t, settings))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Businesses()[0].Sharing.Ask; got != want {
			t.Errorf("%s: %v, want %v", settings, got, want)
		}
	}
}

// A group is named to its members where they are asked, or can ask.
func TestWhichGroupsNeedNoName(t *testing.T) {
	t.Parallel()
	const named, bare = `"Y2FwaV9ncm91cDox", name: "Lisbon runners"}`, `"Y2FwaV9ncm91cDox"}`
	for name, row := range map[string]struct {
		text string
		want bool
	}{
		"one that is asked":             {example(t, named, bare), true},
		"one that can be asked":         {example(t, named, bare, "    groups:", "    sharing: {ask: on_request}\n    groups:"), true},
		"one that is never asked":       {example(t, named, bare, "    groups:", "    sharing: {ask: never}\n    groups:"), false},
		"one whose members can share":   {example(t, named, bare, "    groups:", "    sharing: {ask: never, keywords: {share: [share]}}\n    groups:"), true},
		"one whose members can look":    {example(t, named, bare, "    groups:", "    sharing: {ask: never, keywords: {show: [show]}}\n    groups:"), true},
		"one that hides nobody":         {example(t, named, `"Y2FwaV9ncm91cDox", hide: false}`), false},
		"one whose members can go only": {example(t, named, bare, "    groups:", "    sharing: {ask: never, keywords: {erase: [bye]}}\n    groups:"), false},
	} {
		_, err := parse(t, row.text)
		if got := err != nil && strings.Contains(err.Error(), "groups[0].name: is missing"); got != row.want || err != nil != row.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACardThatSharesIsWarnedOf(t *testing.T) {
	t.Parallel()
	want := "bauta.yaml:21:25: businesses[0].sharing.own_card: a card that a customer sends by hand lifts the mask"
	if got := warned(t, with(t, "own_card: share")); !strings.HasPrefix(got, want) {
		t.Errorf("it says %q", got)
	}
	if got := warned(t, with(t, "own_card: mask")); got != "" {
		t.Errorf("it says %q", got)
	}
}

func TestWhatBautaSays(t *testing.T) {
	t.Parallel()
	c, err := parse(t, with(t, `languages: {CH: it}, texts: {it: {question: "Chi sei, per {business}?"}}`))
	if err != nil {
		t.Fatal(err)
	}
	b := c.Businesses()[0]
	for country, want := range map[string]string{"IT": "Chi sei, per acme?", "CH": "Chi sei, per acme?"} {
		if got := b.Sharing.Texts.Question(country, sharing.Params{Business: b.Name}, false).Body; got != want {
			t.Errorf("%s is asked %q, want %q", country, got, want)
		}
	}
	if got := b.Sharing.Texts.Question("DE", sharing.Params{Business: b.Name}, false); got.Language != "de" {
		t.Errorf("Germany is asked in %q", got.Language)
	}
}

func TestWhatBautaCannotSay(t *testing.T) {
	t.Parallel()
	const at = "bauta.yaml:21:"
	for settings, want := range map[string]string{
		`texts: {it: {question: "` + strings.Repeat("q", 976) + `{business}"}}`: at + "38: businesses[0].sharing.texts.it.question: may have 1024 characters, and has up to 1036",
		`texts: {it: {share_button: ` + strings.Repeat("b", 21) + `}}`:          at + "42: businesses[0].sharing.texts.it.share_button: may have 20 characters, and has up to 21",
		`texts: {it: {qestion: ciao}}`:                                          at + "37: businesses[0].sharing.texts.it.qestion: there is no text of this name; there are [question ",
		`texts: {it: {question: "{business} {group}?"}}`:                        at + "38: businesses[0].sharing.texts.it.question: holds {group}",
		`texts: {Italiano: {question: ciao}}`:                                   "businesses[0].sharing.texts.Italiano: a language is written as",
		`texts: {it: {question: "Chi sei?"}}`:                                   at + "38: businesses[0].sharing.texts.it.question: does not hold {business}",
		`texts: {sw: {question: "{business}?"}}`:                                "businesses[0].sharing.texts.sw: lacks [group_question share_button",
		`keywords: {share: ["Chi sei"], erase: [ok]}`:                           "businesses[0].sharing.keywords.erase[0]: is what people answer to other questions",
		`languages: {CH: xx}`:                                                   at + `31: businesses[0].sharing.languages.CH: CH is to have the language "xx", of which there are no texts`,
		`languages: {Schweiz: de}`:                                              at + "36: businesses[0].sharing.languages.Schweiz: ",
		`keywords: {share: [Straße], erase: [STRASSE]}`:                         "",
		`keywords: {share: ["` + strings.Repeat("\u0926", 90) + `"]}`:           at + "34: businesses[0].sharing.keywords.share[0]: is too long: a word has at most 100 characters, and 256 bytes",
		`keywords: {share: [mine, MINE]}`:                                       at + "40: businesses[0].sharing.keywords.share[1]: already means share",
	} {
		_, err := parse(t, with(t, settings))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.60s: %v, want %s", settings, err, want)
		}
	}
}

// What stands in the wrong place is told once, not with all that is missing for it.
func TestOneMistakeInTextsIsToldOnce(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]string{
		`texts: {question: "May {business}?"}`:             "businesses[0].sharing.texts.question: must hold keys (it is own texts by language and name, such as {it: {question: ...}}",
		`texts: {question: {en: "May {business}?"}}`:       "businesses[0].sharing.texts.question: is the name of a text, and stands where a language does",
		`texts: {english: {question: "May {business}?"}}`:  "businesses[0].sharing.texts.english: a language is written as de or pt-PT",
		`texts: {sw: {question: "{business}?", void: Un}}`: "businesses[0].sharing.texts.sw: lacks [",
		`keywords: {share: {it: [condividi]}}`:             "businesses[0].sharing.keywords.share: must be a list",
	} {
		_, err := parse(t, with(t, settings))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: %v", settings, err)
		}
	}
}
