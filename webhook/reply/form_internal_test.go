package reply

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// formOf is an upload with a boundary of its own.
func formOf(parts ...string) string {
	return "--b\r\n" + strings.Join(parts, "\r\n--b\r\n") + "\r\n--b--\r\n"
}

// What comes through has only the parts that are taken, each once, and what is not taken
// is refused in so many words; whatever the body is.
func FuzzUploads(f *testing.F) {
	const (
		file    = "Content-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nabc"
		product = "Content-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp"
		kind    = "Content-Disposition: form-data; name=type\r\n\r\nimage/jpeg"
	)
	for _, body := range []string{
		formOf(product, kind, file), formOf(file), formOf(file, file), formOf(), "", "--b", "--b--\r\n", formOf(product)[:40],
		formOf(strings.ReplaceAll(file, "a.jpg", "a\"\r\nX: y")), formOf(strings.ReplaceAll(product, "whatsapp", "\x00")),
		formOf(strings.ReplaceAll(file, "image/jpeg", "multipart/mixed; boundary=c")), formOf("A: b\r\n" + file), formOf("Content-Disposition: attachment\r\n\r\nx"),
	} {
		f.Add("multipart/form-data; boundary=b", []byte(body))
	}
	f.Add("multipart/form-data; boundary=\"b\"; charset=x", []byte(formOf(file)))
	f.Add("application/json", []byte("{}"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		request := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		request.Header.Set("Content-Type", kind)
		var out bytes.Buffer
		form, err := newForm(request, newArriving(httptest.NewRecorder(), request.Body))
		if err == nil {
			err = form.copy(&out)
		}
		if err != nil {
			if _, known := errors.AsType[*failure](err); !known {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		_, params, err := mime.ParseMediaType(form.contentType())
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		for parts := multipart.NewReader(&out, params["boundary"]); ; {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			name := part.FormName()
			if !slices.Contains([]string{partProduct, partType, partFile}, name) || slices.Contains(seen, name) {
				t.Errorf("the part %q came through, after %q", name, seen)
			}
			for header := range part.Header {
				if header != "Content-Disposition" && header != "Content-Type" {
					t.Errorf("the header %q came through", header)
				}
			}
			content, err := io.ReadAll(part)
			if err != nil || !bytes.Contains(body, content) {
				t.Errorf("%q was not in the body: %v", content, err)
			}
			seen = append(seen, name)
		}
		if len(seen) == 0 {
			t.Error("a form without a part came through")
		}
	})
}

// No token is left in a form, all that were there are told, and the other members stay.
func FuzzTokensInForms(f *testing.F) {
	for _, form := range []string{
		"", "to=1&access_token=x", "access_token=a&access_token=b", "a%63cess_token=x&type=text", "access_token", "access_token=%zz", "%", "&&a=b&", "access_token=x;y=1", "=",
	} {
		f.Add([]byte(form))
	}
	f.Fuzz(func(t *testing.T, form []byte) {
		rest, tokens, err := withoutToken(form)
		if err != nil {
			return
		}
		var wanted []string
		kept := 0
		for member := range strings.SplitSeq(string(form), "&") {
			name, value, _ := strings.Cut(member, "=")
			if plain, err := url.QueryUnescape(name); err == nil && plain == parameterToken {
				token, _ := url.QueryUnescape(value)
				wanted = append(wanted, token)
			} else {
				kept++
			}
		}
		if !slices.Equal(tokens, wanted) {
			t.Errorf("%q: tokens %q, want %q", form, tokens, wanted)
		}
		for member := range strings.SplitSeq(string(rest), "&") {
			name, _, _ := strings.Cut(member, "=")
			if plain, err := url.QueryUnescape(name); err == nil && plain == parameterToken {
				t.Errorf("%q: a token is left in %q", form, rest)
			}
		}
		if got := strings.Count(string(rest), "&") + 1; kept > 0 && got != kept {
			t.Errorf("%q: %d members are left, want %d", form, got, kept)
		}
	})
}
