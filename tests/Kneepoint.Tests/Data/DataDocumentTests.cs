using System.Text.RegularExpressions;
using Kneepoint.Data.Description;

namespace Kneepoint.Tests.Data;

public sealed partial class DataDocumentTests
{
    static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "data.md"));

    [Fact]
    public void Every_example_is_understood()
    {
        string[] examples = [.. Example().Matches(Document).Select(match => match.Groups[1].Value)];

        Assert.True(examples.Length >= 8);
        foreach (string example in examples)
        {
            using var folder = new DataFolder();
            var description = DescriptionParser.Read(folder.Write("data.yaml", example));
            Assert.NotNull(description.Metric);
        }
    }

    [Theory]
    [InlineData("format"), InlineData("folder"), InlineData("metric"), InlineData("output"), InlineData("peak"), InlineData("classes"), InlineData("delimiter")]
    [InlineData("calibrate"), InlineData("evaluate"), InlineData("files"), InlineData("split"), InlineData("take"), InlineData("inputs"), InlineData("preprocess")]
    [InlineData("from"), InlineData("constant"), InlineData("random"), InlineData("shape"), InlineData("batchAxis"), InlineData("resize"), InlineData("filter")]
    [InlineData("crop"), InlineData("pad"), InlineData("padValue"), InlineData("channels"), InlineData("layout"), InlineData("stored"), InlineData("zero")]
    [InlineData("scale"), InlineData("mean"), InlineData("std"), InlineData("target"), InlineData("next"), InlineData("offset"), InlineData("ignore")]
    [InlineData("text"), InlineData("vocabulary"), InlineData("length"), InlineData("unknown")]
    public void Every_key_is_described(string key) => Assert.Matches($@"(?m)`{key}`|`{key}: |^\s*{key}:|[{{ ,]{key}: ", Document);

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
