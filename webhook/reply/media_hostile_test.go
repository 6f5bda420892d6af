package reply_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"bauta/webhook"
)

func TestFormsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t, inRedis(t), behind(t, func(_ http.ResponseWriter, request *http.Request) {
		if _, err := io.Copy(io.Discard, request.Body); err == nil {
			t.Error("the platform got a whole form")
		}
	}))
	png := file("image/png", photo)
	nothing := part{name: "x", value: ""}
	for name, row := range map[string]struct {
		kind, body string
		status     int
		fault      string
		says       string
	}{
		"no type":                       {"none", form(png), 415, "bad_media_type", ""},
		"JSON":                          {"application/json", `{}`, 415, "bad_media_type", ""},
		"another multipart":             {"multipart/mixed; boundary=x", form(png), 415, "bad_media_type", ""},
		"no boundary":                   {"multipart/form-data", form(png), 400, "bad_body", "boundary"},
		"a long boundary":               {"multipart/form-data; boundary=" + strings.Repeat("a", 71), form(png), 400, "bad_body", "boundary"},
		"another boundary":              {"multipart/form-data; boundary=other", form(png), 400, "bad_body", "whole"},
		"no part":                       {formType, "--" + boundary + "--\r\n", 400, "bad_body", ""},
		"an empty body":                 {formType, "", 400, "bad_body", "whole"},
		"a part more":                   {formType, form(product(), part{name: "access_token", value: "x"}), 400, "bad_body", "the part access_token"},
		"a part more after the file":    {formType, form(png, part{name: "to", value: "x"}), 400, "bad_body", "the part to"},
		"a part that could be somebody": {formType, form(part{name: "393331112233", value: "x"}), 400, "bad_body", "one of the parts"},
		"a part twice":                  {formType, form(png, png), 400, "bad_body", "file more than once"},
		"thousands of parts":            {formType, form(append([]part{product()}, make([]part, 5000)...)...), 400, "bad_body", "one of the parts"},
		"no name":                       {formType, form(nothing)[:40] + "\r\n", 400, "bad_body", ""},
		"no disposition":                {formType, "--" + boundary + "\r\nContent-Type: text/plain\r\n\r\nx\r\n--" + boundary + "--\r\n", 400, "bad_body", "Content-Disposition"},
		"two dispositions":              {formType, form(part{name: "file", headers: "Content-Disposition: form-data; name=type\r\n"}), 400, "bad_body", "Content-Disposition"},
		"an attachment":                 {formType, strings.Replace(form(png), "form-data;", "attachment;", 1), 400, "bad_body", "Content-Disposition"},
		"huge headers":                  {formType, form(part{name: "file", headers: "X: " + strings.Repeat("a", 1<<20) + "\r\n"}), 400, "bad_body", "16 KiB"},
		"many headers":                  {formType, form(part{name: "file", headers: strings.Repeat("X: a\r\n", 9000)}), 400, "bad_body", "16 KiB"},
		"a long preamble":               {formType, strings.Repeat("a\r\n", 1<<20) + form(png), 400, "bad_body", "16 KiB"},
		"a form in the form":            {formType, form(file("multipart/form-data; boundary=x", form(png))), 400, "bad_body", "multipart"},
		"a message in the form":         {formType, form(file("message/rfc822", "x")), 400, "bad_body", "multipart"},
		"base64":                        {formType, form(part{name: `file"; filename="x`, headers: "Content-Transfer-Encoding: base64\r\n", value: "eA=="}), 400, "bad_body", "encoded"},
		"a long value":                  {formType, form(part{name: "type", value: strings.Repeat("a", 257)}), 400, "bad_body", "part type"},
		"a value of two lines":          {formType, form(part{name: "type", value: "a\r\nb"}), 400, "bad_body", "part type"},
		"a form that ends in a header":  {formType, "--" + boundary + "\r\nContent-Disp", 400, "bad_body", ""},
		"a form that ends in the file":  {formType, openPart(png) + "half", 400, "bad_body", "whole"},
		"a form that ends after a part": {formType, strings.TrimSuffix(form(png), "--\r\n"), 400, "bad_body", "whole"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := r.upload(t, row.kind, strings.NewReader(row.body))
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, got, row.status, row.fault)
			if !strings.Contains(got.body, row.says) || strings.Contains(got.body, "393331112233") {
				t.Errorf("it does not say %q: %s", row.says, got.body)
			}
		})
	}
}

// One business has 16 downloads under way at most; another is not held up by it.
func TestDownloadsAreBounded(t *testing.T) {
	t.Parallel()
	var store webhook.Rolls
	release := make(chan struct{})
	r := newRig(t, inRedis(t), func(s *settings) { store = s.options.Rolls }, behind(t, func(out http.ResponseWriter, request *http.Request) {
		if request.URL.Path != "/file" {
			_, _ = out.Write([]byte(`{"url":"http://` + request.Host + `/file","id":"1"}`))
			return
		}
		_, _ = out.Write(make([]byte, 256<<10))
		_ = http.NewResponseController(out).Flush()
		<-release
	}))
	id := r.received(t, "video/mp4", "", store)
	if err := store.Enter(t.Context(), "other", webhook.ReceivedMedia, []string{id}); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(r.lookUp(t, id).URL, r.url)
	begin := func(path, token string) *http.Response {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := r.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	var under []*http.Response
	for range 16 {
		response := begin(path, token)
		if response.StatusCode != http.StatusOK {
			t.Fatalf("answered %d", response.StatusCode)
		}
		under = append(under, response)
	}
	got := r.do(t, call{method: http.MethodGet, path: path})
	wantError(t, got, http.StatusTooManyRequests, "rate_limited")
	if got.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come back")
	}
	close(release)
	for _, response := range under {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	if again := r.do(t, call{method: http.MethodGet, path: path}); again.status != http.StatusOK {
		t.Errorf("after they ended: %d %s", again.status, again.body)
	}
}
