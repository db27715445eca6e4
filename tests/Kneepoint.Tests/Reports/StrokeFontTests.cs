using Kneepoint.Reports.Plotting;

namespace Kneepoint.Tests.Reports;

public sealed class StrokeFontTests
{
    [Fact]
    public void Every_letter_stays_within_its_line_and_near_its_advance()
    {
        foreach (var (character, advance, _) in StrokeFontGlyphs.All)
        {
            string text = char.ConvertFromUtf32(character);
            var points = StrokeFont.Strokes(default, text, new(100, PlotInk.Text)).SelectMany(stroke => stroke).ToList();

            Assert.Equal(advance, StrokeFont.Width(text, 100), 1e-9);
            Assert.All(points, point => Assert.InRange(point.X, -8, advance + 8));
            Assert.All(points, point => Assert.InRange(point.Y, -78, 28));
        }
    }

    [Fact]
    public void Ascii_is_complete_and_no_character_is_defined_twice()
    {
        var defined = StrokeFontGlyphs.All.Select(glyph => glyph.Character).ToList();

        Assert.Equal(defined.Count, defined.Distinct().Count());
        Assert.Empty(Enumerable.Range(' ', '~' - ' ' + 1).Except(defined));
        Assert.Empty("–≤≥×÷·%±−→↓…µ°≈".Select(c => (int)c).Except(defined));
    }

    [Fact]
    public void Other_characters_are_boxes() =>
        Assert.Equal(StrokeFont.Strokes(default, "\u0001", new(10, PlotInk.Text)).Single(), StrokeFont.Strokes(default, "漢", new(10, PlotInk.Text)).Single());

    [Fact]
    public void Anchors_move_the_text_by_its_width()
    {
        double First(PlotAnchor anchor) => StrokeFont.Strokes(new(50, 0), "lll", new(10, PlotInk.Text) { Anchor = anchor }).First()[0].X;

        double width = StrokeFont.Width("lll", 10);
        Assert.Equal(First(PlotAnchor.Start) - width / 2, First(PlotAnchor.Middle), 1e-9);
        Assert.Equal(First(PlotAnchor.Start) - width, First(PlotAnchor.End), 1e-9);
    }
}
