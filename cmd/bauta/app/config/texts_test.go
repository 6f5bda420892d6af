package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/sharing"
)

// What is printed can be pasted below a business, and says what is built in.
func TestTheBuiltInTextsCanBePasted(t *testing.T) {
	t.Parallel()
	want := map[string]map[string]string{}
	for language, texts := range sharing.BuiltIn() {
		want[language] = map[string]string{}
		for _, text := range texts {
			want[language][string(text.Name)] = text.Text
		}
	}
	if len(want) < 8 || len(want["en"]) < 17 {
		t.Fatalf("only %d languages and %d English texts", len(want), len(want["en"]))
	}
	for language, only := range map[string]map[string]map[string]string{"": want, "ar": {"ar": want["ar"]}} {
		printed, err := config.BuiltInTexts(language)
		if err != nil {
			t.Fatal(err)
		}
		c, err := parse(t, example(t, "    groups:", printed+"    groups:"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(only, c.Business[0].Sharing.Texts); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := config.BuiltInTexts("tlh"); err == nil || !strings.Contains(err.Error(), "choose from ar, de, en") {
		t.Errorf("of a language that is not built in it says: %v", err)
	}
}
