package simulator_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

// webhooks.md 6.5.
func TestMediaGoUpAndDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	content := []byte("\x89PNG some bytes")
	var id struct{ ID string }
	uploaded := r.upload(t, content)
	if err := json.Unmarshal([]byte(uploaded.body), &id); err != nil || id.ID == "" {
		t.Fatalf("uploaded: %d %s", uploaded.status, uploaded.body)
	}
	sum := sha256.Sum256(content)
	var found struct {
		Product  string `json:"messaging_product"`
		URL      string
		MimeType string `json:"mime_type"`
		SHA256   string
		Size     int `json:"file_size"`
		ID       string
	}
	looked := r.do(t, "GET", "/v25.0/"+id.ID+"?phone_number_id="+numberID, "")
	if err := json.Unmarshal([]byte(looked.body), &found); err != nil {
		t.Fatal(err)
	}
	if found.Product != "whatsapp" || found.MimeType != "image/png" || found.SHA256 != hex.EncodeToString(sum[:]) || found.Size != len(content) || found.ID != id.ID {
		t.Errorf("looked up: %s", looked.body)
	}
	if got := r.do(t, "GET", found.URL, ""); got.body != string(content) || got.header.Get("Content-Type") != "image/png" {
		t.Errorf("downloaded %d %q", got.status, got.body)
	}
	if got := r.as(t, "", "GET", found.URL, ""); got.status != 401 {
		t.Errorf("downloaded without a token: %d", got.status)
	}
	if got := r.do(t, "GET", strings.Replace(found.URL, "hash=", "hash=0", 1), ""); got.status != 404 {
		t.Errorf("downloaded with another hash: %d", got.status)
	}
	r.later(5*time.Minute + time.Second)
	if got := r.do(t, "GET", found.URL, ""); got.status != 404 {
		t.Errorf("downloaded after 5 minutes: %d", got.status)
	}
	if got := r.do(t, "DELETE", "/v25.0/"+id.ID, ""); got.body != `{"success":true}` {
		t.Errorf("deleted: %s", got.body)
	}
	if got := r.do(t, "GET", "/v25.0/"+id.ID, ""); got.code() != 100 {
		t.Errorf("looked up after that: %s", got.body)
	}
}

func (r *rig) upload(t *testing.T, content []byte) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("messaging_product", "whatsapp")
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="file"; filename="a.png"`)
	header.Set("Content-Type", "image/png")
	part, err := w.CreatePart(header)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.url+"/v25.0/"+numberID+"/media", &body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", w.FormDataContentType())
	request.Header.Set("Authorization", "Bearer "+token)
	return r.send(t, request)
}

func TestACustomersMediumCanBeFetched(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m, err := r.graph.Medium(numberID, ada(), "image/jpeg", []byte("a picture"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.graph.Say(numberID, m); err != nil {
		t.Fatal(err)
	}
	var event struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Messages []struct{ Image struct{ ID string } }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(r.flush(t)[0]), &event); err != nil {
		t.Fatal(err)
	}
	id := event.Entry[0].Changes[0].Value.Messages[0].Image.ID
	var found struct{ URL string }
	if err := json.Unmarshal([]byte(r.do(t, "GET", "/v25.0/"+id, "").body), &found); err != nil {
		t.Fatal(err)
	}
	if got := r.do(t, "GET", found.URL, ""); got.body != "a picture" {
		t.Errorf("downloaded %d %q", got.status, got.body)
	}
}
