package meta_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/webhook/meta"
)

func TestMediaAreListedWithTheirEvent(t *testing.T) {
	t.Parallel()
	message := func(content string) string {
		return envelope("messages", value(`"messages":[{"from":"`+ada+`","id":"`+inboundByNumber+`","timestamp":"1789000000",`+content+`}]`))
	}
	call := func(content string) string {
		return envelope("calls", value(`"calls":[{"id":"wacid.x","from":"`+ada+`","event":"call_recording_available","timestamp":"1789000000",`+content+`}]`))
	}
	for name, row := range map[string]struct {
		body string
		want []string
	}{
		"an image":                  {message(`"type":"image","image":{"id":"1166846181421424","mime_type":"image/jpeg"}`), []string{"1166846181421424"}},
		"a document with its url":   {message(`"type":"document","document":{"url":"https://lookaside.fbsbx.com/","id":"2"}`), []string{"2"}},
		"an edited video":           {message(`"type":"edit","edit":{"original_message_id":"` + inboundByNumber + `","message":{"type":"video","video":{"id":"3"}}}`), []string{"3"}},
		"a recording of a call":     {call(`"call_recording":{"type":"audio","audio":{"id":"4"}}`), []string{"4"}},
		"a transcript of a call":    {call(`"call_transcript":{"document":{"id":"5"}}`), []string{"5"}},
		"a text":                    {message(`"type":"text","text":{"body":"image","id":"6"}`), nil},
		"an image without an id":    {message(`"type":"image","image":{"mime_type":"image/jpeg"}`), nil},
		"an id that is no text":     {message(`"type":"image","image":{"id":{}}`), nil},
		"an image that is a string": {message(`"type":"image","image":"7"`), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, one(t, row.body).Media); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASeveredEventDoesNotTellToWhatItRefers(t *testing.T) {
	t.Parallel()
	catalogue := meta.NewCatalogue()
	message := catalogue.Severed("messages").Member("entry").Elem().Member("changes").Elem().Member("value").Member("messages").Elem()
	for name, at := range map[string]*masking.Schema{
		"the quoted message":      message.Member("context"),
		"a button's payload":      message.Member("button").Member("payload"),
		"the id of a reply":       message.Member("interactive").Member("button_reply").Member("id"),
		"the id of a row":         message.Member("interactive").Member("list_reply").Member("id"),
		"a flow's token":          message.Member("interactive").Member("nfm_reply").Member("response_json").Member("flow_token"),
		"the business's own data": message.Member("biz_opaque_callback_data"),
		"what an edit quotes":     message.Member("edit").Member("message").Member("context"),
	} {
		if got := at.RoleOf(); got != masking.RoleRemove {
			t.Errorf("%s has role %d, want it removed", name, got)
		}
	}
	if got := message.Member("text").Member("body").RoleOf(); got != masking.RoleText {
		t.Errorf("a text has role %d", got)
	}
	if got := message.Member("from"); got.RoleOf() != masking.RoleNumber || got.Pair != "from_user_id" {
		t.Errorf("the sender has role %d and pair %q", got.RoleOf(), got.Pair)
	}
}
