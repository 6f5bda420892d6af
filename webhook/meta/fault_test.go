package meta_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/meta"
)

// faultBody is the platform's error body as a client of theirs reads it (6.6).
type faultBody struct {
	Error struct {
		Message   string `json:"message"`
		Type      string `json:"type"`
		Code      int    `json:"code"`
		Subcode   *int   `json:"error_subcode"`
		ErrorData struct {
			MessagingProduct string `json:"messaging_product"`
			Details          string `json:"details"`
		} `json:"error_data"`
		Trace string `json:"fbtrace_id"`
	} `json:"error"`
}

// What the platform's clients are to make of each fault: status and code are
// those of 6.6.
func TestFaultsSpeakThePlatformsLanguage(t *testing.T) {
	t.Parallel()
	type row struct{ status, code, subcode int }
	want := map[meta.FaultName]row{
		meta.FaultUnauthorized:     {401, 190, 0},
		meta.FaultWrongScope:       {403, 200, 0},
		meta.FaultNotFound:         {400, 100, 33},
		meta.FaultUnknownPath:      {400, 2500, 0},
		meta.FaultRefusedPath:      {400, 100, 0},
		meta.FaultBadParameter:     {400, 100, 0},
		meta.FaultBadBody:          {400, 100, 0},
		meta.FaultTooLarge:         {413, 100, 0},
		meta.FaultBadMediaType:     {415, 100, 0},
		meta.FaultMethodNotAllowed: {405, 100, 0},
		meta.FaultUnknownHandle:    {400, 131009, 0},
		meta.FaultRawRecipient:     {400, 131030, 0},
		meta.FaultGroupHandle:      {400, 131009, 0},
		meta.FaultUnknownMessage:   {400, 131009, 0},
		meta.FaultUnknownMedium:    {400, 131009, 0},
		meta.FaultNeedsNumber:      {400, 131062, 0},
		meta.FaultNeedsUserID:      {400, 131009, 0},
		meta.FaultNoRecipient:      {400, 131008, 0},
		meta.FaultTwoRecipients:    {400, 131009, 0},
		meta.FaultRateLimited:      {429, 4, 0},
		meta.FaultUnavailable:      {503, 2, 0},
		meta.FaultPlatformToken:    {500, 3, 0},
		meta.FaultOutcomeUnknown:   {500, 131000, 0},
		meta.FaultBadAnswer:        {502, 131000, 0},
		meta.FaultKeyReused:        {409, 100, 0},
		meta.FaultKeyPending:       {409, 100, 0},
		meta.FaultMediaTooLarge:    {413, 131053, 0},
		meta.FaultInternal:         {500, 1, 0},
	}
	got := map[meta.FaultName]row{}
	for _, f := range meta.Faults() {
		got[f.Name] = row{f.Status, f.Code, f.Subcode}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestBodyOfAFaultIsThePlatforms(t *testing.T) {
	t.Parallel()
	for _, f := range meta.Faults() {
		t.Run(string(f.Name), func(t *testing.T) {
			t.Parallel()
			var got faultBody
			decoder := json.NewDecoder(strings.NewReader(string(f.Body("AbC-1"))))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&got); err != nil {
				t.Fatalf("%v\n%s", err, f.Body("AbC-1"))
			}
			var want faultBody
			e := &want.Error
			e.Message, e.Type, e.Code, e.Trace = f.Message, f.Type, f.Code, "AbC-1"
			e.ErrorData.MessagingProduct, e.ErrorData.Details = "whatsapp", f.Details
			if f.Subcode != 0 {
				e.Subcode = &f.Subcode
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if f.Message == "" || f.Type == "" || !strings.HasSuffix(f.Details, ".") {
				t.Errorf("says too little: %+v", f)
			}
		})
	}
}

func TestNewFault(t *testing.T) {
	t.Parallel()
	usual := meta.NewFault(meta.FaultNoRecipient, "")
	if usual.Name != meta.FaultNoRecipient || usual.Details == "" {
		t.Errorf("usual details are missing: %+v", usual)
	}
	told := meta.NewFault(meta.FaultBadBody, "byte 17: a comma is missing. Send JSON.")
	if told.Details != "byte 17: a comma is missing. Send JSON." || told.Code != 100 {
		t.Errorf("other details: %+v", told)
	}
	if got := meta.NewFault("no such fault", "x"); got.Name != meta.FaultInternal || got.Status != 500 || got.Details != "x" {
		t.Errorf("a name outside the set: %+v", got)
	}
}

// Nobody can tell from the fault whether a handle or object was never there, was
// erased, or is another business's: one text serves for all.
func TestFaultsTellNoCases(t *testing.T) {
	t.Parallel()
	for _, name := range []meta.FaultName{meta.FaultNotFound, meta.FaultUnknownHandle, meta.FaultRawRecipient, meta.FaultUnknownMessage, meta.FaultUnauthorized} {
		first, second := meta.NewFault(name, ""), meta.NewFault(name, "")
		if string(first.Body("t")) != string(second.Body("t")) {
			t.Errorf("%s has two bodies", name)
		}
		for _, word := range []string{"erased", "other business", "hidden"} {
			if strings.Contains(first.Details, word) {
				t.Errorf("%s tells which case it was: %q", name, first.Details)
			}
		}
	}
}

func FuzzFaultBody(f *testing.F) {
	f.Add("plain", "AbC")
	f.Add("quote \" backslash \\ tab \t nul \x00 del \x7f", "\r\n")
	f.Add("Zo\u00eb \U0001f600 \u2028", "\xff\xfe")
	f.Fuzz(func(t *testing.T, details, trace string) {
		if details == "" {
			return
		}
		raw := meta.NewFault(meta.FaultBadBody, details).Body(trace)
		var got faultBody
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("%v: %q", err, raw)
		}
		for _, c := range raw {
			if c < ' ' || c >= utf8.RuneSelf-1 {
				t.Fatalf("byte %#x is not escaped: %q", c, raw)
			}
		}
		if got.Error.ErrorData.Details != readable(details) || got.Error.Trace != readable(trace) {
			t.Errorf("got %q and %q, want %q and %q", got.Error.ErrorData.Details, got.Error.Trace, details, trace)
		}
	})
}

// readable is a text with a replacement character for every byte that is no UTF-8.
func readable(s string) string { return string([]rune(s)) }
