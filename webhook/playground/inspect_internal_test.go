package playground

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The first id is that of Meta's documents' form with a fictional number in it
// (webhooks.md section 4).
func TestWhatIsInsideAMessageID(t *testing.T) {
	t.Parallel()
	got := inspect("wamid.HBgLMTY1MDU1NTAxNDIVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=")
	if !got.Readable || got.Who != "16505550142" || got.Kind != "number" || got.Found != got.Who || got.FromBusiness || got.Stanza != "3A4A6599AEE03810144F" {
		t.Errorf("inside is %+v", got)
	}
	if all := got.Before + got.Found + got.After; !strings.HasSuffix(all, "3A4A6599AEE03810144F·") {
		t.Errorf("the bytes read %q", all)
	}
	for _, text := range []string{"", "wamid.", "wamid.AAAA", "hello", strings.Repeat("A", 2000)} {
		if got := inspect(text); got.Readable || got.Who != "" {
			t.Errorf("%.20q holds %+v", text, got)
		}
	}
	for who, want := range map[string]string{
		"": "nobody", "16505550142": "number", "999123456789012": "handle", "US.1234567890123456789012": "handle", "US.7430000000000001": "user",
	} {
		if got := kindOf(who); got != want {
			t.Errorf("%s is a %s, not a %s", who, got, want)
		}
	}
}

func FuzzInspect(f *testing.F) {
	f.Add("wamid.HBgLMTY1MDU1NTAxNDIVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=")
	f.Add("wacid.AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if got := inspect(text); !got.Readable && got.Who != "" {
			t.Errorf("%q cannot be read and holds %q", text, got.Who)
		}
	})
}

// A shell takes the command apart as it was put together, whatever is in the body.
func TestACurlCommandIsTakenApartAsItWasMeant(t *testing.T) {
	t.Parallel()
	body := `{"a":"it's \"$HOME\" ` + "`id`" + ` \\ \n !"}`
	command := call{url: "http://127.0.0.1:1/a?b=c&d", token: "t'k", body: []byte(body)}.curl()
	script := `curl() { for a in "$@"; do printf '%s\037' "$a"; done; }; ` + command
	out, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\x1f"), "\x1f")
	want := []string{"-sS", "-w", `%{http_code}\n`, "http://127.0.0.1:1/a?b=c&d", "-H", "Content-Type: application/json", "-H", "Authorization: Bearer t'k", "--data-binary", body}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the shell takes it for %q", got)
	}
	if (call{}).curl() != "" {
		t.Error("what cannot be called has a command")
	}
}

func TestBothShapesOfAHandleLeadToOneThread(t *testing.T) {
	t.Parallel()
	b := inbox{}
	told := func(handle string) map[string]string {
		return map[string]string{"Bauta-Handle": handle, "Bauta-Visibility": "hidden"}
	}
	b.message(message{ID: "1", User: "US.1234567890123456789012"}, "Ada", told("US.1234567890123456789012"))
	b.message(message{ID: "2", From: "999123456789099"}, "Ada", told("999123456789099"))
	b.message(message{ID: "3", User: "US.9999999999123456789012"}, "Bea", told("US.9999999999123456789012"))
	if len(b.threads) != 2 || b.threads[0].key != "999123456789099" || len(b.threads[0].messages) != 2 {
		t.Errorf("the threads are %+v", b.threads)
	}
	if digitsOf("") != "" || digitsOf("US.12") != "" || digitsOf("16505550142") != "" {
		t.Error("what is no handle has digits")
	}
}

func TestWhatComesToTheFront(t *testing.T) {
	t.Parallel()
	s := Show{changed: make(chan struct{}, 1), reached: map[string]bool{}}
	s.add(&step{id: "evt_1", way: wayIn, kind: "message"})
	for _, quiet := range []*step{{way: wayIn, kind: "status"}, {way: wayNews}, {way: wayStays}, {way: wayOwn, sort: "confirmation"}} {
		s.add(quiet)
		if s.front != "evt_1" || quiet.id == "" || quiet.at.After(time.Now()) {
			t.Errorf("%+v came to the front", quiet)
		}
	}
	for range 300 {
		s.add(&step{way: wayOut})
	}
	if s.front != s.steps[len(s.steps)-1].id || len(s.steps) != 200 {
		t.Errorf("%d steps, %s at the front", len(s.steps), s.front)
	}
}
