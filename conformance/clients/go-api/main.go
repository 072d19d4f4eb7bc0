// Calls the Go client's functions, and prints what each came to: one line of JSON a call.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/openbao/openbao/api/v2"
)

// tell prints a call's name and what it gave, or the error that an application would see.
func tell(call string, result any, err error) {
	line := map[string]any{"call": call, "result": result}
	if err != nil {
		var response *api.ResponseError
		if errors.As(err, &response) {
			line["result"] = map[string]any{"status": response.StatusCode, "errors": response.Errors}
		} else {
			line["result"] = map[string]any{"rejected": err.Error()}
		}
	}
	printed, problem := json.Marshal(line)
	if problem != nil {
		panic(problem)
	}
	fmt.Println(string(printed))
}

// told is tell for a call of two results, and hands the first on.
func told[T any](call string) func(T, error) T {
	return func(result T, err error) T {
		tell(call, result, err)
		return result
	}
}

func done(call string, err error) { tell(call, "done", err) }

// must is for what the script itself needs.
func must[T any](result T, err error) T {
	if err != nil {
		panic(err)
	}
	return result
}

func main() {
	client := must(api.NewClient(api.DefaultConfig()))
	client.SetMaxRetries(0)
	if len(os.Args) > 1 && os.Args[1] == "raft" {
		raft(client)
		return
	}
	tokens(client)
	system(client)
	mounts(client)
	namespaces(client)
	plugins(client)
	keyValues(client)
	logical(client)
	ssh(client)
	watchers(client)
}
