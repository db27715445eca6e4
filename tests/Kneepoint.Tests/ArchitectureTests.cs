using System.Text.RegularExpressions;

namespace Kneepoint.Tests;

/// <summary>Keeps the rules of the house: the data goes one way, and adapters know only the library.</summary>
public sealed partial class ArchitectureTests
{
    // A folder may use those before it; Tensors and Pareto use none, so all may use them.
    static readonly string[] WayOfTheData =
        ["Onnx", "Gradients", "Data", "Calibration", "Search", "Compression", "Coding", "Measurement", "Studies", "Limits", "Reports"];

    static readonly string[] Foundations = ["Tensors", "Pareto"];

    [Fact]
    public void Folders_use_only_folders_above_them()
    {
        string library = Path.Combine(Repository.Root, "src", "Kneepoint");
        var violations = new List<string>();
        foreach (string file in Directory.EnumerateFiles(library, "*.cs", SearchOption.AllDirectories))
        {
            string[] parts = Path.GetRelativePath(library, file).Split(Path.DirectorySeparatorChar);
            if (parts.Length < 2) continue;
            string folder = parts[0];
            int place = Array.IndexOf(WayOfTheData, folder);
            Assert.True(place >= 0 || Foundations.Contains(folder), $"The folder src/Kneepoint/{folder} is not in the way of the data.");
            foreach (Match use in LibraryNamespace().Matches(File.ReadAllText(file)))
            {
                string used = use.Groups[1].Value;
                bool isAllowed = used == folder
                    || (!Foundations.Contains(folder) && Foundations.Contains(used))
                    || Array.IndexOf(WayOfTheData, used) is var other && other >= 0 && other < place;
                if (!isAllowed) violations.Add($"{string.Join('/', parts)} uses {used}");
            }
        }

        Assert.Empty(violations.Distinct());
    }

    [Fact]
    public void Statements_of_the_theory_are_functions_of_numbers_and_of_networks_and_know_no_study()
    {
        string limits = Path.Combine(Repository.Root, "src", "Kneepoint", "Limits");
        string[] allowed = [.. Foundations, "Onnx", "Gradients", "Limits"];
        var violations = Directory.EnumerateFiles(limits, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(limits, file).StartsWith("OfStudy", StringComparison.Ordinal))
            .SelectMany(file => LibraryNamespace().Matches(File.ReadAllText(file)).Select(use => (File: Path.GetFileName(file), Used: use.Groups[1].Value)))
            .Where(use => !allowed.Contains(use.Used));

        Assert.Empty(violations);
    }

    [Theory]
    [InlineData("Kneepoint", "")]
    [InlineData("Kneepoint.OnnxRuntime", "Kneepoint")]
    [InlineData("Kneepoint.Storage", "Kneepoint")]
    [InlineData("Kneepoint.Imaging", "Kneepoint")]
    public void Adapters_reference_only_the_library(string project, string allowed)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "src", project, $"{project}.csproj"));

        var references = ProjectReference().Matches(text).Select(match => match.Groups[1].Value);

        Assert.Equal(allowed.Split(';', StringSplitOptions.RemoveEmptyEntries), references);
    }

    [GeneratedRegex(@"^\s*(?:global )?using (?:static )?(?:\w+ = )?Kneepoint\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex LibraryNamespace();

    [GeneratedRegex("""<ProjectReference Include="[^"]*/([\w.]+)\.csproj""")]
    private static partial Regex ProjectReference();
}
