package meta_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"bauta/webhook/meta"
)

// The vectors of webhooks.md 1.2.
const (
	secret     = "test_app_secret"
	body       = `{"object":"whatsapp_business_account","entry":[]}`
	signature  = "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"
	spaced     = `{"object": "whatsapp_business_account", "entry": []}`
	spacedSign = "sha256=56cbbaf4961c6cfdae48b7f116c047e5eb513d2c931baae63a2bc1afd26f803a"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	one, two := []string{secret}, []string{"old", secret}
	for name, c := range map[string]struct {
		secrets      []string
		header, body string
		want         bool
	}{
		"the documented vector":                  {one, signature, body, true},
		"the documented vector with spaces":      {one, spacedSign, spaced, true},
		"capital hex digits":                     {one, "sha256=" + strings.ToUpper(signature[7:]), body, true},
		"the second secret while one is changed": {two, signature, body, true},
		"the first secret while one is changed":  {[]string{secret, "new"}, signature, body, true},
		"a body that was written anew":           {one, signature, spaced, false},
		"another secret":                         {[]string{"other"}, signature, body, false},
		"a changed digit":                        {one, signature[:70] + "7", body, false},
		"no header":                              {one, "", body, false},
		"a scheme alone":                         {one, "sha256=", body, false},
		"no scheme":                              {one, signature[7:], body, false},
		"another scheme of the same length":      {one, "sha512=" + signature[7:], body, false},
		"capital scheme":                         {one, "SHA256=" + signature[7:], body, false},
		"SHA-1":                                  {one, "sha1=" + signature[7:47], body, false},
		"63 digits":                              {one, signature[:70], body, false},
		"65 digits":                              {one, signature + "0", body, false},
		"a letter that is no digit":              {one, signature[:70] + "g", body, false},
		"a space in front":                       {one, " " + signature[:70], body, false},
		"no body":                                {one, signature, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := meta.NewVerifier(c.secrets)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.Verify(c.header, []byte(c.body)); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestNewVerifierRefusesOpenDoors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secrets []string
		want    string
	}{
		"no secret":                       {nil, "no app secret"},
		"an empty secret":                 {[]string{""}, "app secret 1 of 1 is empty"},
		"a secret of spaces":              {[]string{" \n"}, "app secret 1 of 1 is empty"},
		"an empty secret beside a secret": {[]string{secret, ""}, "app secret 2 of 2 is empty"},
	} {
		v, err := meta.NewVerifier(c.secrets)
		if v != nil || err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
}

// TestTheZeroVerifierRefuses: what was not constructed lets nobody in.
func TestTheZeroVerifierRefuses(t *testing.T) {
	t.Parallel()
	mac := hmac.New(sha256.New, nil)
	mac.Write([]byte(body))
	if (&meta.Verifier{}).Verify("sha256="+hex.EncodeToString(mac.Sum(nil)), []byte(body)) {
		t.Error("the zero verifier accepted a body")
	}
}

// TestAMalformedHeaderIsCheap: a refusal before the body is read allocates nothing,
// whatever the body's size.
//
//nolint:paralleltest // allocations of other tests would be counted
func TestAMalformedHeaderIsCheap(t *testing.T) {
	v, err := meta.NewVerifier([]string{secret})
	if err != nil {
		t.Fatal(err)
	}
	large := make([]byte, 3<<20)
	for _, header := range []string{"", "sha1=00", "sha512=" + signature[7:], signature[:70] + "g"} {
		if n := testing.AllocsPerRun(10, func() { v.Verify(header, large) }); n != 0 {
			t.Errorf("header %q: %v allocations, the body was hashed", header, n)
		}
	}
	if n := testing.AllocsPerRun(10, func() { v.Verify(signature, large) }); n == 0 {
		t.Error("a well-formed header allocates nothing: this test measures nothing")
	}
}

func TestAVerifierPrintsNoSecret(t *testing.T) {
	t.Parallel()
	v, err := meta.NewVerifier([]string{secret})
	if err != nil {
		t.Fatal(err)
	}
	decimal := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, held := range []any{v, *v, struct{ v *meta.Verifier }{v}, struct{ v meta.Verifier }{*v}} {
			got := fmt.Sprintf(verb, held)
			if strings.Contains(got, secret) || strings.Contains(got, decimal) || strings.Contains(got, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s: %s", verb, got)
			}
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	v, err := meta.NewVerifier([]string{secret})
	if err != nil {
		b.Fatal(err)
	}
	payload := []byte(strings.Repeat("x", 1024))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(payload)
	good := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	for name, header := range map[string]string{"right": good, "wrong": signature, "malformed": signature[:70] + "g"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.Verify(header, payload)
			}
		})
	}
}

// Of all headers only the body's own signature is taken, in either case of its digits.
func FuzzVerify(f *testing.F) {
	for _, header := range []string{signature, spacedSign, strings.ToUpper(signature), "sha256=", "", signature[:70] + "\x00", "sha256=" + strings.Repeat("é", 32)} {
		f.Add(header, []byte(body))
	}
	v, err := meta.NewVerifier([]string{"old", secret})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		fits := false
		for _, key := range []string{"old", secret} {
			mac := hmac.New(sha256.New, []byte(key))
			mac.Write(body)
			digits, ok := strings.CutPrefix(header, "sha256=")
			fits = fits || ok && strings.ToLower(digits) == hex.EncodeToString(mac.Sum(nil))
		}
		if got := v.Verify(header, body); got != fits {
			t.Errorf("%q of %q: %v", header, body, got)
		}
	})
}
