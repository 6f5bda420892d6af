package reply_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"bauta/webhook"
)

// Sizes of the streaming tests: what flows is many times what may be held on the
// way, which are the buffers of two connections.
const (
	large  = 96 << 20
	inside = 24 << 20
)

// paced is a file whose reader is held back until the other side is close behind.
type paced struct {
	*window

	ctx   context.Context //nolint:containedctx // of one test
	left  int64
	moved chan struct{}
}

// Read implements io.Reader.
func (p *paced) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	for p.written.Load()-p.read.Load() > inside {
		select {
		case <-p.moved:
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	n := min(int64(len(b)), p.left)
	clear(b[:n])
	p.left -= n
	p.wrote(n)
	return int(n), nil
}

// drain reads a file and tells the writer.
func drain(w *window, moved chan struct{}, from io.Reader) (int64, error) {
	buffer := make([]byte, 256<<10)
	total := int64(0)
	for {
		n, err := from.Read(buffer)
		total += int64(n)
		w.read.Add(int64(n))
		select {
		case moved <- struct{}{}:
		default:
		}
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// An upload reaches the platform while it comes in: the client goes on only when the
// platform has what went before, so that a file which is held stops the test.
func TestAnUploadIsNotHeld(t *testing.T) {
	t.Parallel()
	w, moved := &window{}, make(chan struct{}, 1)
	r := newRig(t, inRedis(t), behind(t, func(out http.ResponseWriter, request *http.Request) {
		form, err := request.MultipartReader()
		if err != nil {
			t.Error(err)
			return
		}
		for {
			p, err := form.NextPart()
			if err != nil {
				break
			}
			if p.FormName() != "file" {
				continue
			}
			if n, err := drain(w, moved, p); n != large || err != nil {
				t.Errorf("the platform got %d bytes, %v", n, err)
			}
		}
		_, _ = out.Write([]byte(`{"id":"1037543291543636"}`))
	}))
	file := &paced{window: w, ctx: t.Context(), left: large, moved: moved}
	head := openPart(product()) + "whatsapp\r\n" + openPart(part{name: `file"; filename="v.mp4`, headers: "Content-Type: video/mp4\r\n"})
	got, err := r.upload(t, formType, io.MultiReader(strings.NewReader(head), file, strings.NewReader("\r\n--"+boundary+"--\r\n")))
	if err != nil || got.status != http.StatusOK {
		t.Fatalf("%d %s %v", got.status, got.body, err)
	}
	t.Logf("at most %d KiB were under way", w.widest.Load()>>10)
}

func TestADownloadIsNotHeld(t *testing.T) {
	t.Parallel()
	var store webhook.Rolls
	w, moved := &window{}, make(chan struct{}, 1)
	r := newRig(t, inRedis(t), func(s *settings) { store = s.options.Rolls }, behind(t, func(out http.ResponseWriter, request *http.Request) {
		if request.URL.Path != "/file" {
			_, _ = out.Write([]byte(`{"url":"http://` + request.Host + `/file","mime_type":"video/mp4","id":"1"}`))
			return
		}
		if request.Header.Get("Authorization") != "Bearer "+platformToken {
			t.Error("the platform's token is not there")
		}
		out.Header().Set("Content-Type", "video/mp4")
		out.Header().Set("Content-Length", "100663296")
		out.Header().Set("Set-Cookie", "who=+393331112233")
		out.Header().Set("Content-Disposition", `inline; filename="+393331112233.mp4"`)
		_, _ = io.Copy(out, &paced{window: w, ctx: request.Context(), left: large, moved: moved})
	}))
	id := r.received(t, "video/mp4", "", store)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.lookUp(t, id).URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if n, err := drain(w, moved, response.Body); n != large || err != nil || response.ContentLength != large {
		t.Errorf("%d of %d bytes came, %v", n, response.ContentLength, err)
	}
	for name := range response.Header {
		switch name {
		case "Content-Type", "Content-Length", "Content-Disposition", "X-Content-Type-Options", "Cache-Control", "Bauta-Trace", "Date":
		default:
			t.Errorf("the header %s came through", name)
		}
	}
	if response.Header.Get("Content-Disposition") != "attachment" {
		t.Error(response.Header)
	}
	t.Logf("at most %d KiB were under way", w.widest.Load()>>10)
}

// A download that breaks is cut off: nobody takes what came for the whole.
func TestABrokenDownloadIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, length := range map[string]string{"of a known length": "1000000", "of an unknown length": ""} {
		var store webhook.Rolls
		r := newRig(t, inRedis(t), func(s *settings) { store = s.options.Rolls }, behind(t, func(out http.ResponseWriter, request *http.Request) {
			if request.URL.Path != "/file" {
				_, _ = out.Write([]byte(`{"url":"http://` + request.Host + `/file","id":"1"}`))
				return
			}
			if length != "" {
				out.Header().Set("Content-Length", length)
			}
			_, _ = out.Write(make([]byte, 100_000))
			_ = http.NewResponseController(out).Flush()
			panic(http.ErrAbortHandler)
		}))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.lookUp(t, r.received(t, "video/mp4", "", store)).URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := r.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if err == nil {
			t.Errorf("%s: %d bytes passed for the whole", name, n)
		}
	}
}

// What reaches the platform is a form of its own with the parts that it may have, in
// their order, and the file as it was.
func TestTheFormIsWrittenAnew(t *testing.T) {
	t.Parallel()
	type got struct{ name, file, kind, value string }
	var parts []got
	var length int64
	r := newRig(t, inRedis(t), behind(t, func(out http.ResponseWriter, request *http.Request) {
		length = request.ContentLength
		kind, params, err := mime.ParseMediaType(request.Header.Get("Content-Type"))
		if err != nil || kind != "multipart/form-data" || params["boundary"] == boundary {
			t.Errorf("the platform's type is %s %v", request.Header.Get("Content-Type"), err)
		}
		form := multipart.NewReader(request.Body, params["boundary"])
		for {
			p, err := form.NextRawPart()
			if err != nil {
				break
			}
			value, _ := io.ReadAll(p)
			parts = append(parts, got{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(value)})
			if len(p.Header) > 2 || p.Header.Get("X-Secret") != "" {
				t.Errorf("headers of a part came through: %v", p.Header)
			}
		}
		_, _ = out.Write([]byte(`{"id":"1037543291543636"}`))
	}))
	body := "a preamble\r\n" + form(
		part{name: `file"; filename="Ça \"va\" (+39 333).png"; x="y`, headers: "Content-Type: image/png; name=x\r\nX-Secret: 1\r\nContent-Length: 3\r\n", value: photo},
		kindOf("image/png"), product(),
	) + "an epilogue"
	if a, err := r.upload(t, formType, strings.NewReader(body)); err != nil || a.status != http.StatusOK || a.body != `{"id":"1037543291543636"}` {
		t.Fatalf("%d %s %v", a.status, a.body, err)
	}
	want := []got{
		{"file", `Ça "va" (+39 333).png`, "image/png; name=x", photo},
		{"type", "", "", "image/png"},
		{"messaging_product", "", "", "whatsapp"},
	}
	if len(parts) != len(want) || length != -1 {
		t.Fatalf("%d parts of %d bytes came", len(parts), length)
	}
	for i := range want {
		if parts[i] != want[i] {
			t.Errorf("part %d is %q, want %q", i, parts[i], want[i])
		}
	}
}

// An upload that does not come in whole makes no medium: the platform sees a broken
// body, and nothing is entered.
func TestACutOffUploadMakesNoMedium(t *testing.T) {
	t.Parallel()
	broken, began := make(chan error, 1), make(chan struct{})
	var entered atomic.Int32
	r := newRig(t, func(s *settings) { s.options.Rolls = counting{s.options.Rolls, &entered} }, behind(t, func(_ http.ResponseWriter, request *http.Request) {
		_, err := io.ReadFull(request.Body, make([]byte, 1<<20))
		if err != nil {
			t.Error(err)
		}
		close(began)
		_, err = io.Copy(io.Discard, request.Body)
		broken <- err
	}))
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	from, to := io.Pipe()
	defer func() { _ = from.Close() }()
	go func() {
		_, _ = to.Write([]byte(openPart(part{name: `file"; filename="v.mp4`, headers: "Content-Type: video/mp4\r\n"})))
		_, _ = to.Write(make([]byte, 2<<20))
		<-began
		hangUp()
		_ = to.CloseWithError(context.Canceled) // the client waits for its body's reader
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/"+phone+"/media", from)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", formType)
	if response, err := r.client.Do(request); err == nil {
		_ = response.Body.Close()
		t.Errorf("it was answered %d", response.StatusCode)
	}
	if err := <-broken; err == nil {
		t.Error("the platform took it for whole")
	}
	if n := entered.Load(); n != 0 {
		t.Errorf("%d ids were entered", n)
	}
}

// counting counts what is entered.
type counting struct {
	webhook.Rolls

	entered *atomic.Int32
}

// Enter implements webhook.Rolls.
func (c counting) Enter(ctx context.Context, business string, roll webhook.Roll, ids []string) error {
	c.entered.Add(int32(len(ids)))
	return c.Rolls.Enter(ctx, business, roll, ids)
}

// unending is a body of zeros.
type unending struct{}

// Read implements io.Reader.
func (unending) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestAFileHasABound(t *testing.T) {
	t.Parallel()
	r := newRig(t, inRedis(t), behind(t, func(_ http.ResponseWriter, request *http.Request) {
		if _, err := io.Copy(io.Discard, request.Body); err == nil {
			t.Error("the platform took it for whole")
		}
	}))
	head := openPart(part{name: `file"; filename="v.mp4`, headers: "Content-Type: video/mp4\r\n"})
	got, err := r.upload(t, formType, io.MultiReader(strings.NewReader(head), io.LimitReader(unending{}, 100<<20+1),
		strings.NewReader("\r\n--"+boundary+"--\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, got, http.StatusRequestEntityTooLarge, "media_too_large")

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/"+phone+"/media", bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	request.Body, request.ContentLength = io.NopCloser(unending{}), 200<<20
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", formType)
	response, err := r.client.Do(request)
	if err == nil {
		_ = response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("200 MiB that were announced: %d", response.StatusCode)
		}
	}
}
