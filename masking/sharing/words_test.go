package sharing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking/sharing"
)

func TestAWordActsWhenItIsTheWholeMessage(t *testing.T) {
	t.Parallel()
	words := sharing.Words{
		Share: []string{"share my number", " Teilen ", "", "both"}, Withdraw: []string{"STOP", "Straße", "both"}, Show: []string{"दिखाओ"}, Erase: []string{"erase me", "ÉFFACER"},
	}
	rows := map[string]sharing.Word{
		"share my number": sharing.WordShare, "Share My Number": sharing.WordShare, "\n  SHARE MY NUMBER\u00a0": sharing.WordShare, "teilen": sharing.WordShare,
		"stop": sharing.WordWithdraw, "Stop": sharing.WordWithdraw, "ſtop": sharing.WordWithdraw, "STRAßE": sharing.WordWithdraw, "STRAẞE": sharing.WordWithdraw,
		"दिखाओ": sharing.WordShow, "éffacer": sharing.WordErase, "Erase Me": sharing.WordErase,
		// A word that stands for two things does not share.
		"both": sharing.WordWithdraw,
		// No part of a message acts, nor what only looks alike.
		"": sharing.NoWord, " ": sharing.NoWord, "share": sharing.NoWord, "please share my number": sharing.NoWord, "share my number!": sharing.NoWord,
		"do not share my number": sharing.NoWord, "share  my number": sharing.NoWord, "stop stop": sharing.NoWord, "STRASSE": sharing.NoWord, "sτop": sharing.NoWord,
		"stop\nstop": sharing.NoWord, "\xff": sharing.NoWord,
	}
	for text, want := range rows {
		if got := words.Find(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
		if got := (sharing.Words{Share: []string{""}}).Find(text); got != sharing.NoWord {
			t.Errorf("without words %q is %d", text, got)
		}
	}
}

func TestConfiguredWordsAreChecked(t *testing.T) {
	t.Parallel()
	const few, answers = "has fewer than two letters: people write that without meaning it", "is what people answer to other questions"
	const long = "is too long: a word has at most 100 characters, and 256 bytes"
	rows := map[string]struct {
		words sharing.Words
		want  []sharing.WordFault
	}{
		"none":                     {sharing.Words{}, nil},
		"good ones":                {sharing.Words{Share: []string{"share", strings.Repeat("é", 100)}, Withdraw: []string{"stop", "停止"}, Show: []string{"show"}, Erase: []string{"erase", "दिखाओ"}}, nil},
		"an empty one":             {sharing.Words{Share: []string{"", " "}}, []sharing.WordFault{{"share", 0, "is empty"}, {"share", 1, "is empty"}}},
		"one that is too long":     {sharing.Words{Show: []string{strings.Repeat("x", 101)}}, []sharing.WordFault{{"show", 0, long}}},
		"one of too many bytes":    {sharing.Words{Show: []string{strings.Repeat("ह", 86)}}, []sharing.WordFault{{"show", 0, long}}},
		"one that is no text":      {sharing.Words{Erase: []string{"\xff"}}, []sharing.WordFault{{"erase", 0, "is no UTF-8"}}},
		"one letter, or none":      {sharing.Words{Share: []string{"y", "1", "12345", "👍", "S.", "go"}}, []sharing.WordFault{{"share", 0, few}, {"share", 1, few}, {"share", 2, few}, {"share", 3, few}, {"share", 4, few}}},
		"what everybody answers":   {sharing.Words{Share: []string{"OK", "Yes!", "sí", "Sì", "si"}, Withdraw: []string{"No", "nein", "हाँ"}, Erase: []string{"نعم"}, Show: []string{" okay. "}}, []sharing.WordFault{{"withdraw", 0, answers}, {"withdraw", 1, answers}, {"withdraw", 2, answers}, {"show", 0, answers}, {"erase", 0, answers}, {"share", 0, answers}, {"share", 1, answers}, {"share", 2, answers}, {"share", 3, answers}, {"share", 4, answers}}},
		"what a button says":       {sharing.Words{Share: []string{"Share my number", "Jetzt nicht", "Stop sharing"}, Withdraw: []string{"NUMMER FREIGEBEN", "Freigabe beenden"}}, []sharing.WordFault{{"withdraw", 0, "is what the button that shares says in the language de"}, {"share", 1, "is what the button that declines says in the language de"}, {"share", 2, "is what the button that withdraws says in the language en"}}},
		"what a button of own is":  {sharing.Words{Share: []string{"rather not"}}, []sharing.WordFault{{"share", 0, "is what the button that declines says in the language en"}}},
		"one for two things":       {sharing.Words{Share: []string{"Number "}, Erase: []string{"NUMBER"}}, []sharing.WordFault{{"share", 0, "already means erase: a word does one thing"}}},
		"one twice for one thing":  {sharing.Words{Withdraw: []string{"stop", "Stop", "STOP"}}, []sharing.WordFault{{"withdraw", 1, "already means withdraw: a word does one thing"}, {"withdraw", 2, "already means withdraw: a word does one thing"}}},
		"several faults, in order": {sharing.Words{Share: []string{""}, Withdraw: []string{""}, Show: []string{""}, Erase: []string{""}}, []sharing.WordFault{{"withdraw", 0, "is empty"}, {"show", 0, "is empty"}, {"erase", 0, "is empty"}, {"share", 0, "is empty"}}},
	}
	own := texts(t, map[string]map[string]string{"en": {"decline_button": "Rather not"}}, nil)
	for name, row := range rows {
		if diff := cmp.Diff(row.want, sharing.CheckWords(row.words, own)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
