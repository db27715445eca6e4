using System.CommandLine;
using Kneepoint.Coding;
using Kneepoint.Onnx;
using Kneepoint.Reports;
using Kneepoint.Studies;

using Objective = Kneepoint.Studies.Objective;

namespace Kneepoint.App.Commands;

/// <summary>The best measured variant under budgets.</summary>
static class PickCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("pick", """
            Gives the best measured variant of a study under budgets, and what the next better one would cost. Without --minimize the most accurate
            variant is chosen, or, if accuracy is the only thing that is bounded, the one with the smallest file. If no variant meets the budgets,
            the nearest one is shown with how much each budget would have to give, and the exit code is 1. A file named *.knp is written packed.

            Example: kneepoint pick study --max-file-bytes 500KB --max-latency 3ms --export small.onnx
            Example: kneepoint pick study --max-drop 0.01 --minimize latency --export fast.onnx
            """);
        var folder = new Argument<string>("DIR") { Description = "The folder of a study" };
        var export = new Option<string>("--export") { Description = "Copy the variant's network to this file", HelpName = "FILE" };
        var minimize = new Option<string>("--minimize")
        {
            Description = $"What to make small instead of accuracy large: {string.Join(", ", Minimizable)}",
            HelpName = "FIGURE",
        };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(folder);
        var budgets = BudgetOptions.AddTo(command);
        command.Add(minimize);
        command.Add(export);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string? target = parsed.GetValue(export);
            if (target?.Trim().Length == 0) throw new CommandLineException($"--export: expected the name of a file, found '{target}'.");
            var limits = budgets.Read(parsed);
            var study = StoredStudy.Read(parsed.GetValue(folder)!);
            string? minimized = parsed.GetValue(minimize);
            var (choice, goal) = Choose(study, limits, minimized);
            // Before anything is printed: a damaged model is found here, and an answer that could not be written is none.
            var model = PickModel.Of(study, limits, goal, choice);
            string? exported = target is not null && choice.Best is { } best ? Export(study, best.Recipe.Id, target) : null;
            if (parsed.GetValue(json)) PickJson.Write(study, choice, goal, model);
            else PickText.Write(study, choice, goal, limits, minimized, target is not null, model);
            if (exported is not null) Console.Error.WriteLine(exported);
            return choice.Best is null ? ExitCode.NotMet : ExitCode.Done;
        });
        return command;
    }

    /// <summary>Chooses among a study's variants.</summary>
    /// <param name="study">The study.</param>
    /// <param name="limits">Budgets as stated.</param>
    /// <param name="minimized">What to make small; null for what the budgets suggest.</param>
    /// <exception cref="CommandLineException">There is no such figure to make small.</exception>
    public static (BudgetChoice Choice, Objective Goal) Choose(StoredStudy study, IReadOnlyList<(string Option, double Limit)> limits, string? minimized = null)
    {
        BudgetOptions.CheckRange(limits, study.Description.Metric);
        bool isMaximized = study.Description.MetricIsMaximized;
        Budget[] bounds = [.. limits.Select(limit => Budget.Of(limit.Option, limit.Limit, isMaximized))];
        var goal = GoalOf(minimized, bounds, isMaximized);
        if (minimized is not null && BudgetChoice.IsNowhere(study.Trials, goal.Figure))
        {
            throw new CommandLineException($"--minimize: no variant of the study has {minimized}; it was not measured.");
        }

        string[] breakers = ["accuracy", "fileBytes", "latency"];
        return (BudgetChoice.Of(study.Trials, bounds, goal,
            [.. breakers.Where(name => name != goal.Name).Select(name => Objective.Of(name, isMaximized))]), goal);
    }

    static IEnumerable<string> Minimizable => Objective.Names.Where(name => name != "accuracy");

    static Objective GoalOf(string? minimized, Budget[] budgets, bool isMaximized)
    {
        if (minimized is not null)
        {
            return Minimizable.Contains(minimized)
                ? Objective.Of(minimized, isMaximized)
                : throw new CommandLineException($"--minimize: expected one of {string.Join(", ", Minimizable)}; found '{minimized}'.");
        }

        bool boundsOnlyAccuracy = budgets.Length > 0 && budgets.All(budget => budget.Figure is "accuracy" or "accuracyChange");
        return Objective.Of(boundsOnlyAccuracy ? "fileBytes" : "accuracy", isMaximized);
    }

    static string Export(StoredStudy study, string id, string target)
    {
        string file = study.FileOf(id) ?? throw new StudyStoreException(
            $"The network of variant {id} is not in the study folder any more: run 'kneepoint run' again to make it.");
        file = Path.Combine(study.Folder, file);
        var model = OnnxModel.Load(file);
        if (Path.GetExtension(target).Equals(".knp", StringComparison.OrdinalIgnoreCase))
        {
            if (model.HasExternalData) throw new CommandLineException($"--export: the variant's weights lie in files beside it, which are not packed; name a file *.onnx instead of '{target}'.");
            PackedFile.CheckOutput(target, [file], "--export");
            AtomicFile.Write(target, PackedModel.Pack(File.ReadAllBytes(file)));
            return $"Wrote {target} ({Format.Bytes(new FileInfo(target).Length)} packed; 'kneepoint unpack' and PackedModel.Open give the network back).";
        }

        model.Save(target, model.HasExternalData);
        return $"Wrote {target} ({Format.Bytes(OnnxModel.FileBytes(target))}).";
    }
}
