using System.CommandLine;
using Kneepoint.Studies;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.App.Commands;

/// <summary>Why a variant is as it is, layer by layer.</summary>
static class ExplainCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("explain", """
            Explains a variant of a study: for each layer what was chosen, what that saved, what it cost, and what would have been the next best choice.
            By the model that the search has built from calibration samples and from what it measured; the model's errors are stated.

            Example: kneepoint explain study 030469cca434fa5e
                     kneepoint explain study    (the knee of the frontier)
            """);
        var folder = new Argument<string>("DIR") { Description = "The folder of a study" };
        var id = new Argument<string?>("ID") { Description = "The variant's id, or its first digits; the knee of the frontier if it is left out", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(folder);
        command.Add(id);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var study = StoredStudy.Read(parsed.GetValue(folder)!);
            string named = parsed.GetValue(id) ?? study.Document().Knee
                ?? throw new CommandLineException($"ID: the frontier of '{study.Folder}' has no knee to explain: name a variant, as frontier.csv lists them.");
            var trial = Find(study, named);
            if (study.Model is not { } model)
            {
                throw new StudyStoreException($"The study '{study.Folder}' has no model of its layers: it has not come to planned trials (it runs still, was interrupted, or had few trials), or was made without planning (--search random or nsga2). Go on with the command that made it, with --search exact and, if it has ended, a higher --trials.");
            }

            var explanation = Explanation.Of(model, trial.Recipe);
            if (parsed.GetValue(json)) ExplainJson.Write(study, model, trial, explanation);
            else ExplainText.Write(study, model, trial, explanation);
            return ExitCode.Done;
        });
        return command;
    }

    static Trial Find(StoredStudy study, string id)
    {
        const int LeastDigits = 4;
        Trial[] found = id.Length < LeastDigits ? [] : [.. study.Trials.Where(trial => trial.Recipe.Id.StartsWith(id, StringComparison.Ordinal))];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new CommandLineException($"ID: expected the id of a variant of '{study.Folder}', or its first {LeastDigits} digits or more, as frontier.csv lists them; found '{id}'."),
            _ => throw new CommandLineException($"ID: '{id}' begins {found.Length} ids of '{study.Folder}': {string.Join(", ", found.Select(trial => trial.Recipe.Id))}."),
        };
    }
}
