using System.Globalization;
using Kneepoint.Search;
using Kneepoint.Search.Space;
using Kneepoint.Studies;

namespace Kneepoint.Benchmarks.Searches;

/// <summary>Lets another program search the same space: it writes places, one a line, and reads what was measured there.</summary>
/// <remarks>
/// The first line is "genes" and for each gene how many values it has. A place is one number for each gene, counted from 0; the answer is each objective, to be made small, then the volume that everything measured so far dominates, then the number
/// of trials so far. Several places may make one recipe: the first of them is a trial, the others are answered alike and count as none, as with the searches here. The baseline is measured before anything is asked, as theirs is. What
/// fails is answered with the reference, which dominates nothing. The search ends with the trials or the input.
/// </remarks>
static class AskedSearch
{
    /// <summary>Answers.</summary>
    /// <returns>The trials, and the volume after each of them.</returns>
    /// <exception cref="FormatException">A line is no place.</exception>
    public static (IReadOnlyList<Trial> Trials, List<double> Volumes) Run(SearchBench bench, SearchSpace space, int trials, TextReader asked, TextWriter answers)
    {
        answers.WriteLine($"genes {string.Join(' ', space.Values.Select(values => values.Length))}");
        answers.Flush();
        var known = new List<Trial>();
        var volumes = new List<double>();
        var baseline = Try(Recipe.Baseline);
        while (volumes.Count < trials && asked.ReadLine() is { } line)
        {
            var trial = Try(space.RecipeOf(PlaceOf(line, space)));
            var figures = bench.Objectives.Select(objective => trial.Outcome is TrialOutcome.Measured { Figures: var measured } ? objective.Cost(measured) : Reference(objective));
            answers.WriteLine(string.Join(' ', [.. figures.Append(volumes[^1]).Select(figure => figure.ToString("R", CultureInfo.InvariantCulture)), volumes.Count.ToString(CultureInfo.InvariantCulture)]));
            answers.Flush();
        }

        return (known, volumes);

        Trial Try(Recipe recipe)
        {
            if (known.Find(trial => trial.Recipe.Equals(recipe)) is { } before) return before;
            var trial = new Trial(known.Count + 1, recipe, bench.Runner.Run(recipe, CancellationToken.None), 0);
            known.Add(trial);
            volumes.Add(bench.VolumeOf(known));
            return trial;
        }

        double Reference(Objective objective) => baseline.Outcome is TrialOutcome.Measured { Figures: var measured } && !objective.IsMaximized ? ParetoView.BeyondBaseline * objective.Cost(measured) : 0;
    }

    static Genome PlaceOf(string line, SearchSpace space)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != space.Values.Length) throw new FormatException($"Expected {space.Values.Length} numbers, found '{line}'.");
        return new Genome([.. words.Select((word, gene) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value < space.Values[gene].Length
            ? space.Values[gene][value] : throw new FormatException($"Expected numbers from 0 to {space.Values[gene].Length - 1} for gene {gene}, found '{word}'."))]);
    }
}
