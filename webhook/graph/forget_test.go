package graph_test

import (
	"net/http"
	"strings"
	"testing"
)

// The platform may quote a request in an error, and puts the token into the URLs of
// pages: the business must not read it there.
func TestAnAnswerNeverHoldsTheToken(t *testing.T) {
	t.Parallel()
	const odd = "1234|a/b+c"
	for name, row := range map[string]struct{ token, body string }{
		"in an error's text":     {token, `{"error":{"message":"Malformed access token ` + token + `","code":190}}`},
		"in the URL of a page":   {token, `{"data":[],"paging":{"next":"https://graph.facebook.com/v25.0/1/x?access_token=` + token + `&after=1"}}`},
		"twice":                  {token, `{"a":"` + token + `","b":"` + token + `"}`},
		"with an escaped slash":  {odd, `{"a":"1234|a\/b+c"}`},
		"as a URL has it":        {odd, `{"a":"1234%7Ca%2Fb%2Bc"}`},
		"a token as it was sent": {odd, `{"a":"1234|a/b+c"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, func(*http.Request) (*http.Response, error) {
				made := answer(http.StatusBadRequest, row.body)
				made.Header.Set("X-App-Usage", `{"token":"`+row.token+`"}`)
				return made, nil
			})
			request := send()
			request.Token = row.token
			got, err := c.Call(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{"secrettoken", "a/b", `a\/b`, "a%2Fb"} {
				if strings.Contains(string(got.Body), part) || strings.Contains(got.Header.Get("X-App-Usage"), part) {
					t.Errorf("the answer holds the token: %s, %v", got.Body, got.Header)
				}
			}
			if !strings.Contains(string(got.Body), "[access token]") {
				t.Errorf("nothing says what stood there: %s", got.Body)
			}
		})
	}
}
