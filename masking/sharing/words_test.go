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
	rows := map[string]struct {
		words sharing.Words
		want  []string
	}{
		"none":                     {sharing.Words{}, nil},
		"good ones":                {sharing.Words{Share: []string{"share", strings.Repeat("é", 100)}, Withdraw: []string{"stop"}, Show: []string{"show"}, Erase: []string{"erase"}}, nil},
		"an empty one":             {sharing.Words{Share: []string{"", " "}}, []string{"share: a word is empty", "share: a word is empty"}},
		"one that is too long":     {sharing.Words{Show: []string{strings.Repeat("x", 101)}}, []string{"show: a word has more than 100 characters, or 256 bytes"}},
		"one of too many bytes":    {sharing.Words{Show: []string{strings.Repeat("ह", 86)}}, []string{"show: a word has more than 100 characters, or 256 bytes"}},
		"one that is no text":      {sharing.Words{Erase: []string{"\xff"}}, []string{"erase: a word is no UTF-8"}},
		"one for two things":       {sharing.Words{Share: []string{"Number "}, Erase: []string{"NUMBER"}}, []string{`share: "Number" stands in erase already`}},
		"one twice for one thing":  {sharing.Words{Withdraw: []string{"stop", "Stop", "STOP"}}, []string{`withdraw: "Stop" stands in withdraw already`, `withdraw: "STOP" stands in withdraw already`}},
		"several faults, in order": {sharing.Words{Share: []string{""}, Withdraw: []string{""}, Show: []string{""}, Erase: []string{""}}, []string{"withdraw: a word is empty", "show: a word is empty", "erase: a word is empty", "share: a word is empty"}},
	}
	for name, row := range rows {
		if diff := cmp.Diff(row.want, sharing.CheckWords(row.words)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
