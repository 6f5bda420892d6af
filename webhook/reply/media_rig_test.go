package reply_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/idempotency"
	"bauta/redis/redistest"
	"bauta/redis/rolls"
	"bauta/redis/vault"
	"bauta/webhook"
)

// photo is a small file, and boundary what stands between its form's parts.
const (
	photo    = "\x89PNG\r\n\x1a\n--almost--boundary\r\n\x00\xff"
	boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
	formType = "multipart/form-data; boundary=" + boundary
)

// part is one part of a form, by its headers but the name.
type part struct{ name, headers, value string }

func product() part { return part{name: "messaging_product", value: "whatsapp"} }

func kindOf(kind string) part { return part{name: "type", value: kind} }

func file(kind, content string) part {
	return part{name: `file"; filename="photo.png`, headers: "Content-Type: " + kind + "\r\n", value: content}
}

// form is a multipart body of parts.
func form(parts ...part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(openPart(p) + p.value + "\r\n")
	}
	return b.String() + "--" + boundary + "--\r\n"
}

func openPart(p part) string {
	return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + p.name + "\"\r\n" + p.headers + "\r\n"
}

// inRedis keeps rolls and outcomes of a rig in a store of Redis's kind.
func inRedis(t testing.TB) func(*settings) {
	t.Helper()
	store := redistest.Embedded(t, redis.Options{})
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return func(s *settings) {
		s.options.Rolls = rolls.New(store, set, rolls.Options{})
		s.options.Once = idempotency.New(store, set, keyring{vault.New(store, set, vault.Options{})})
	}
}

// keyring has a key for every customer of the rig, and a vault's for businesses.
type keyring struct{ *vault.Vault }

func (keyring) CustomerKey(context.Context, string, string) (webhook.DataKey, error) {
	return dataKey{}, nil
}

// dataKey is one that only tells where it was used.
type dataKey struct{}

func (dataKey) Encrypt(plaintext, associated []byte) ([]byte, error) {
	return slices.Concat(associated, []byte("|"), plaintext), nil
}

func (dataKey) Decrypt(ciphertext, associated []byte) ([]byte, error) {
	plain, ok := bytes.CutPrefix(ciphertext, slices.Concat(associated, []byte("|")))
	if !ok {
		return nil, errors.New("another place's")
	}
	return plain, nil
}

// behind puts a platform of the test's own behind a rig, which sees streams as they
// come.
func behind(t testing.TB, platform http.HandlerFunc) func(*settings) {
	t.Helper()
	server := httptest.NewServer(platform)
	t.Cleanup(server.Close)
	return func(s *settings) { s.graph.URL = server.URL }
}

// upload sends a body as it comes, of unknown length, and returns the answer.
func (r *rig) upload(t testing.TB, kind string, body io.Reader) (answer, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/v25.0/"+phone+"/media", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", kind)
	return r.send(request)
}

// window counts what is between a writer and a reader.
type window struct{ written, read, widest atomic.Int64 }

func (w *window) wrote(n int64) {
	open := w.written.Add(n) - w.read.Load()
	for {
		widest := w.widest.Load()
		if open <= widest || w.widest.CompareAndSwap(widest, open) {
			return
		}
	}
}

func lengthOf(text string) string { return strconv.Itoa(len(text)) }

// send makes a call and reads its answer.
func (r *rig) send(request *http.Request) (answer, error) {
	response, err := r.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, body: string(text)}, err
}
